"""Webhooks (standardwebhooks.com): what happens here told to other programs, and what they tell, each signed."""
