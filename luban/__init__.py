"""Luban (鲁班): a language-driven control stack for factory robots. This package is the light core."""

__version__ = "0.1.0"
