"""How is something kept that is asked for again?  In a bounded cache, which forgets what was not used for longest."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """A bounded cache."""

    def __init__(self, size: int, weigh: Callable[[Any, Value], int] = lambda *_: 1) -> None:
        """`weigh`: how much of the size a key and its value take up."""
        self._size, self._left, self._weigh = size, size, weigh
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self.hits = self.misses = 0

    def __contains__(self, key: Hashable) -> bool:
        return key in self._values

    def __getitem__(self, key: Hashable) -> Value:
        self._values.move_to_end(key)
        return self._values[key]

    def __setitem__(self, key: Hashable, value: Value) -> None:
        """Keep a value in place of the one that there is, and forget others for it."""
        if key in self._values:
            self._left += self._weigh(key, self._values.pop(key))
        self._values[key] = value
        self._left -= self._weigh(key, value)
        while self._left < 0:
            self._left += self._weigh(*self._values.popitem(last=False))

    def __len__(self) -> int:
        return len(self._values)

    @property
    def weight(self) -> int:
        """How much of the size is taken up."""
        return self._size - self._left

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key, which is made if there is none."""
        values = self._values
        if key in values:
            self.hits += 1
            values.move_to_end(key)
            return values[key]
        self.misses += 1
        value = self[key] = make()
        return value
