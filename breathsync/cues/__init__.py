"""What is heard: tones for each kind of cue, a voice for sentences, and the mixer that plays both."""
