"""narwhals over Spark with whole numbers that stay whole: Int128 is DECIMAL(38,0), and no quotient or total passes through a float.

narwhals maps no 128-bit integer to Spark, and its `//` there is a division of doubles. narwhals is meant to be extended by frames of one's
own, so these carry their own expressions; nothing of narwhals is changed for anybody else. In ANSI mode, which `spark.py` requires,
a decimal or an integer that does not fit is an error, never a null and never a wrapped number. A quotient of 33 digits is such an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import narwhals as nw
from narwhals._spark_like.dataframe import SparkLikeLazyFrame
from narwhals._spark_like.expr import SparkLikeExpr
from narwhals._spark_like.namespace import SparkLikeNamespace
from narwhals._utils import Implementation, Version, floor_mod

from custier.frames import Frame

WIDE = nw.Decimal(38, 0)


def exact_frame(native: Any) -> Frame:
    """A Spark DataFrame as a narwhals frame whose whole numbers stay exact."""
    exact: Any = ExactFrame(native, version=Version.MAIN, implementation=Implementation.PYSPARK)
    frame: Frame = nw.from_native(exact)
    return frame


def _held(dtype: Any) -> Any:
    return WIDE if dtype == nw.Int128() else dtype


def quoted(name: str) -> str:
    """A column's name as Spark's SQL takes it whatever it is."""
    return "`" + name.replace("`", "``") + "`"


class ExactExpr(SparkLikeExpr):
    """Expressions that know 128-bit integers and divide them whole."""

    def __narwhals_namespace__(self) -> Any:
        return ExactNamespace(version=self._version, implementation=self._implementation)

    @classmethod
    def from_column_names(cls, evaluate_column_names: Any, /, *, context: Any) -> Any:
        """Columns by their names as they are: Spark would take the point in the header `Unit.Price` for a way into a struct."""
        return cls(
            lambda df: [df._F.col(quoted(name)) for name in evaluate_column_names(df)],
            evaluate_output_names=evaluate_column_names,
            alias_output_names=None,
            version=context._version,
            implementation=context._implementation,
        )

    def cast(self, dtype: Any) -> Any:
        return super().cast(_held(dtype))

    def __floordiv__(self, other: Any) -> Any:
        return self._with_binary(self._whole_quotient, other)

    def _whole_quotient(self, expr: Any, other: Any) -> Any:
        """Without its remainder a number divides evenly, so that the six decimals that Spark keeps of a quotient have nothing to round."""
        wide = self._native_dtypes.DecimalType(38, 0)
        a, b = expr.cast(wide), other.cast(wide)
        return self._F.when(b != 0, ((a - floor_mod(a, b)) / b).cast(wide))


class ExactNamespace(SparkLikeNamespace):
    """Where narwhals finds these expressions and frames."""

    @property
    def _expr(self) -> type[ExactExpr]:
        return ExactExpr

    @property
    def _lazyframe(self) -> type[ExactFrame]:
        return ExactFrame

    def lit(self, value: Any, dtype: Any) -> Any:
        wide = dtype is not None and dtype == nw.Int128() and value is not None
        return super().lit(Decimal(value) if wide else value, _held(dtype))

    def concat(self, items: Iterable[Any], *, how: Any) -> Any:
        first, *_ = parts = list(items)
        return first._with_native(super().concat(parts, how=how).native)


class ExactFrame(SparkLikeLazyFrame):
    """Frames that hand on these expressions to every frame made from them."""

    def __narwhals_namespace__(self) -> Any:
        return ExactNamespace(version=self._version, implementation=self._implementation)

    def unique(self, subset: Sequence[str] | None, *, keep: Any, order_by: Any) -> Any:
        """Any row of equals, by a hash aggregation that starts before the shuffle; narwhals would number the rows of a window."""
        if keep != "any" or order_by:
            return super().unique(subset, keep=keep, order_by=order_by)
        native: Any = self.native
        return self._with_native(native.dropDuplicates(list(subset) if subset else None))
