"""Calendar feeds: the days on which deliveries are promised, for the calendar that a person uses anyway."""
