"""The relay: forwards RTP between the participants of a Space. See README.md."""
