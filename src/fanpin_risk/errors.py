"""Every exception that fanpin_risk raises on purpose."""


class FanpinError(ValueError):
    """Base of all errors raised on purpose; the command line prints its message in one line."""


class SchemaError(FanpinError):
    """A table or column is absent, unknown, or cannot be read as declared."""


class InputError(FanpinError):
    """A file or folder cannot be used at all (absent, empty, unreadable, wrong encoding)."""


class FeatureMismatchError(FanpinError):
    """Features at hand differ from those a model was trained on."""


class ModelFileError(FanpinError):
    """A saved model is damaged, of another version, or holds what is not allowed."""


class NotEnoughDataError(FanpinError):
    """Too few households or events to fit, calibrate or evaluate."""


class ExplanationError(FanpinError):
    """Contributions do not add up to the score they explain."""


class MissingPackageError(FanpinError, ImportError):
    """An optional package is needed that is not installed."""
