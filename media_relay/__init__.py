"""The media worker: forwards RTP between the people of a Space. See README.md."""
