"""The person socket, and what all sockets of the site share: the login, the message rate, the send
queue.
"""
