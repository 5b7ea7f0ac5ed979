"""The one business calendar: when the vendor works, which every clock of the portal runs by."""

from portal.business_hours.calendar import Calendar
from portal.business_hours.models import vendor_calendar

__all__ = ["Calendar", "vendor_calendar"]
