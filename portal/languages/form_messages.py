"""What WTForms and Flask-WTF say to people, listed so that it is extracted with our own strings.

WTForms' own catalogues lack Lithuanian and use other words than ours, so `PortalForm` asks our catalogue.
Nothing here runs: a test holds the list equal to the strings in the libraries' source.
"""


def N_(message: str) -> str:
    return message


def ngettext(one: str, many: str) -> tuple[str, str]:
    return one, many


SINGLE = (
    N_("Date must be at least %(min)s."),
    N_("Date must be at most %(max)s."),
    N_("Date must be between %(min)s and %(max)s."),
    N_("CSRF failed."),
    N_("CSRF token expired."),
    N_("CSRF token missing."),
    N_("Field must be between %(min)d and %(max)d characters long."),
    N_("Field must be equal to %(other_name)s."),
    N_("File does not have an approved extension."),
    N_("File does not have an approved extension: {extensions}"),
    N_("Invalid CSRF Token."),
    N_("Invalid Choice: could not coerce."),
    N_("Invalid IP address."),
    N_("Invalid Mac address."),
    N_("Invalid URL."),
    N_("Invalid UUID."),
    N_("Invalid choice(s): one or more data inputs could not be coerced."),
    N_("Invalid email address."),
    N_("Invalid input."),
    N_("Invalid value, can't be any of: %(values)s."),
    N_("Invalid value, must be one of: %(values)s."),
    N_("Not a valid choice."),
    N_("Not a valid date value."),
    N_("Not a valid datetime value."),
    N_("Not a valid decimal value."),
    N_("Not a valid float value."),
    N_("Not a valid integer value."),
    N_("Not a valid time value."),
    N_("Not a valid week value."),
    N_("Number must be at least %(min)s."),
    N_("Number must be at most %(max)s."),
    N_("Number must be between %(min)s and %(max)s."),
    N_("The CSRF session token is missing."),
    N_("The CSRF token has expired."),
    N_("The CSRF token is invalid."),
    N_("The CSRF token is missing."),
    N_("The CSRF tokens do not match."),
    N_("This field cannot be edited."),
    N_("This field is disabled and cannot have a value."),
    N_("This field is required."),
)

PLURAL = (
    ngettext("Field cannot be longer than %(max)d character.", "Field cannot be longer than %(max)d characters."),
    ngettext("Field must be at least %(min)d character long.", "Field must be at least %(min)d characters long."),
    ngettext("Field must be exactly %(max)d character long.", "Field must be exactly %(max)d characters long."),
    ngettext(
        "'%(value)s' is not a valid choice for this field.",
        "'%(value)s' are not valid choices for this field.",
    ),
)
