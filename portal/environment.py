"""Reads environment variables, each as portal/variables.py declares it."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

HIDDEN = "(set, not shown)"


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One environment variable: its name, what it does in a sentence or two, and its default.

    If the default depends on another setting, `default_in_words` says what it is, and the code that reads the variable
    passes it. Error messages repeat the value, but neither a secret nor a password inside a URL.
    """

    name: str
    help: str
    default: Any = ""
    default_in_words: str = ""
    is_secret: bool = False

    def parse(self, env: Env) -> Any:
        """The value of the variable, which is set. Raises EnvError or ValueError if it is not an allowed one."""
        raise NotImplementedError

    def allowed_values(self) -> str:
        """The allowed values in words. They complete the sentence "Use …"."""
        raise NotImplementedError

    def shown_default(self) -> str:
        return str(self.default)

    def without_secrets(self, value: str) -> str:
        """The value as it may be shown: of a URL neither user name and password nor the query."""
        if self.is_secret:
            return HIDDEN
        if "://" not in value:
            return value
        return re.sub("//.*@", "//", value).partition("?")[0]


@dataclass(frozen=True, kw_only=True)
class Text(Variable):
    """A text of the described `form`, or one of `choices`. `is_valid` tells whether a text has the form."""

    form: str = ""
    choices: Sequence[str] = ()
    is_valid: Callable[[str], bool] | None = None

    def parse(self, env: Env) -> str:
        value = env.str(self.name)
        if self.choices and value not in self.choices:
            raise ValueError(value)
        if self.is_valid and not self.is_valid(value):
            raise ValueError(value)
        return value

    def allowed_values(self) -> str:
        if not self.choices:
            return self.form
        return f"{', '.join(self.choices[:-1])} or {self.choices[-1]}"


@dataclass(frozen=True, kw_only=True)
class Number(Variable):
    """A whole number; `form` says of what."""

    form: str
    minimum: int
    maximum: int | None = None

    def parse(self, env: Env) -> int:
        value = env.int(self.name)
        if value < self.minimum:
            raise ValueError(value)
        if self.maximum is not None and value > self.maximum:
            raise ValueError(value)
        return value

    def allowed_values(self) -> str:
        if self.maximum is None:
            return f"{self.form}, at least {self.minimum:,}"
        return f"{self.form}, from {self.minimum:,} to {self.maximum:,}"


@dataclass(frozen=True, kw_only=True)
class Switch(Variable):
    """On or off."""

    def parse(self, env: Env) -> bool:
        return env.bool(self.name)

    def allowed_values(self) -> str:
        return "on or off"

    def shown_default(self) -> str:
        return "on" if self.default else "off"


@dataclass(frozen=True, kw_only=True)
class Folder(Variable):
    """The path of a folder."""

    def parse(self, env: Env) -> Path:
        return env.path(self.name)

    def allowed_values(self) -> str:
        return "the path of a folder"


@dataclass(frozen=True, kw_only=True)
class TextList(Variable):
    """Texts, separated by commas."""

    form: str

    def parse(self, env: Env) -> list[str]:
        return env.list(self.name)

    def allowed_values(self) -> str:
        return f"{self.form}, separated by commas"


@dataclass(frozen=True, kw_only=True)
class NumberList(Variable):
    """Whole numbers, separated by commas; `form` says of what."""

    form: str
    minimum: int

    def parse(self, env: Env) -> list[int]:
        values: list[int] = env.list(self.name, subcast=int)
        if not values or min(values) < self.minimum:
            raise ValueError(values)
        return values

    def allowed_values(self) -> str:
        return f"{self.form}, each at least {self.minimum:,}, separated by commas"

    def shown_default(self) -> str:
        return ",".join(map(str, self.default))


@dataclass(frozen=True)
class Group:
    """Variables that docs/settings.md shows under one heading."""

    title: str
    introduction: str
    variables: Sequence[Variable]


class Environment:
    """The environment variables of some groups, read by name.

    Each method reads one kind of variable. It returns the variable's default, or the one that is passed, if the
    variable is not set. It raises ImproperlyConfigured if the value is not an allowed one.
    """

    def __init__(self, groups: Sequence[Group]) -> None:
        self._env = Env()
        self._variables: dict[str, Variable] = {}
        for group in groups:
            for variable in group.variables:
                self._variables[variable.name] = variable
        # A name such as ANYMAIL_… or OIDC_…_ISSUER stands for many.
        self._patterns = {name.replace("…", "[A-Z0-9_]+"): one for name, one in self._variables.items() if "…" in name}

    def text(self, name: str, default: str | None = None) -> str:
        value: str = self._read(Text, name, default)
        return value

    def number(self, name: str, default: int | None = None) -> int:
        value: int = self._read(Number, name, default)
        return value

    def switch(self, name: str) -> bool:
        value: bool = self._read(Switch, name, None)
        return value

    def folder(self, name: str, default: Path) -> Path:
        value: Path = self._read(Folder, name, default)
        return value

    def text_list(self, name: str, default: list[str]) -> list[str]:
        value: list[str] = self._read(TextList, name, default)
        return value

    def number_list(self, name: str) -> list[int]:
        value: list[int] = self._read(NumberList, name, None)
        return value

    def parsed(self, name: str, default: str, parse: Callable[[str], Mapping[str, Any]]) -> dict[str, Any]:
        """A text, such as a URL, as `parse` reads it. A ValueError of `parse` means that the text is not allowed."""
        text = self.text(name, default)
        try:
            return dict(parse(text))
        except ValueError as error:
            raise self._refusal(self._variables[name]) from error

    def shown(self) -> dict[str, str]:
        """The variables that are set, by name, with values in which nothing is secret."""
        shown = {}
        for name, value in sorted(os.environ.items()):
            variable = self._find(name)
            if variable is not None:
                shown[name] = variable.without_secrets(value)
        return shown

    def _find(self, name: str) -> Variable | None:
        if name in self._variables:
            return self._variables[name]
        for pattern, variable in self._patterns.items():
            if re.fullmatch(pattern, name):
                return variable
        return None

    def _read(self, kind: type[Variable], name: str, default: Any) -> Any:
        variable = self._variables.get(name)
        if not isinstance(variable, kind):
            raise ImproperlyConfigured(f"{name} isn't declared as {kind.__name__} in portal/variables.py.")
        if name not in os.environ:
            return variable.default if default is None else default
        try:
            return variable.parse(self._env)
        except (EnvError, ValueError) as error:
            raise self._refusal(variable) from error

    def _refusal(self, variable: Variable) -> ImproperlyConfigured:
        value = re.sub("//.*@", "//…@", os.environ.get(variable.name, ""))
        problem = f"{variable.name} is {value!r}."
        if variable.is_secret:
            problem = f"{variable.name} can't be used."
        return ImproperlyConfigured(f"{problem} Use {variable.allowed_values()}.")
