"""The session for other programs: JSON over a WebSocket on loopback."""
