"""RTP on the wire: headers, extensions, payloads, numbers.

Plain functions on caller-owned buffers.
"""
