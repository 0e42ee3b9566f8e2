"""Makes the sample exports of `custier demo`: the same bytes every time. Run: python tools/make_demo.py"""

from __future__ import annotations

import csv
import io
import random
from datetime import date, timedelta
from pathlib import Path

DATA = Path(__file__).parents[1] / "src" / "custier" / "demo" / "data"
CATEGORIES = ["办公用品", "电子产品", "家具", "耗材", "软件服务", "礼品", "食品饮料", "工具"]
NAMES = [
    "华东机电",
    "北京远航",
    "深圳创维达",
    "成都锦程",
    "武汉长江贸易",
    "Acme Trading",
    "Bright Foods",
    "青岛海丰",
    "西安古都",
    "Northwind GmbH",
]
END = date(2025, 9, 30)

Row = tuple[str, str, str, str, str, str, str]


def sales() -> list[Row]:
    """订单号, 客户编号, 客户名称, 下单日期, 品类, 金额, 成本"""
    rng = random.Random(20250930)
    rows: list[Row] = []
    for number in range(1, 73):
        rows += customer_rows(rng, number)
    rows.sort(key=lambda r: (r[3], r[0]))
    return rows


def customer_rows(rng: random.Random, number: int) -> list[Row]:
    """One customer's orders. The last digits say what happens: most go on as they were, a few move in September 2025."""
    customer = f"C{number:04d}"
    name = f"{NAMES[number % len(NAMES)]}{'公司' if number % len(NAMES) not in (5, 6, 9) else f' {number}'}"
    size = [900_000, 420_000, 240_000, 120_000, 60_000, 24_000][min(5, number // 8)] * rng.uniform(0.8, 1.2)
    orders = [14, 10, 8, 6, 4, 2][min(5, number // 8)]
    first = END - timedelta(days=rng.randrange(715, 745))
    last = END - timedelta(days=rng.randrange(2, 45))
    if number in (68, 69, 70):  # first seen in September
        first, last, orders = date(2025, 9, 2), date(2025, 9, 26), 2
    if number in (61, 62):  # nothing for a year and a half, back in September
        return old_orders(rng, customer, name) + order(rng, customer, name, 900 + number, date(2025, 9, 12), 30_000)
    if number in (41, 42, 43):  # buys nothing after August last year but one order in each month's turn
        first, last = date(2024, 3, 1), date(2024, 9, 20)
    days = sorted(rng.randrange((last - first).days + 1) for _ in range(orders * 2 if first < date(2024, 6, 1) else orders))
    rows: list[Row] = []
    for i, day in enumerate(days):
        rows += order(rng, customer, name, number * 100 + i, first + timedelta(days=day), size / orders)
    if number in (10, 18, 26, 33):  # one large order in September
        rows += order(rng, customer, name, number * 100 + 99, date(2025, 9, 18), 500_000)
    return rows


def old_orders(rng: random.Random, customer: str, name: str) -> list[Row]:
    return [row for i in range(3) for row in order(rng, customer, name, 800 + i, date(2024, 1, 10) + timedelta(days=25 * i), 20_000)]


def order(rng: random.Random, customer: str, name: str, number: int, day: date, about: float) -> list[Row]:
    """An order of one to three lines in different categories."""
    lines = rng.randint(1, 3)
    rows = []
    for category in rng.sample(CATEGORIES, lines):
        amount = round(about * rng.uniform(0.7, 1.3) / lines, 2)
        rows.append((f"SO{day:%y%m}{number:05d}", customer, name, day.isoformat(), category, f"{amount:.2f}", f"{amount * 0.8:.2f}"))
    return rows


def invoices(until: date) -> list[tuple[str, str, str, str, str]]:
    """发票号, 客户编号, 到期日, 付款日, 应收金额"""
    rng = random.Random(7)
    rows = []
    for number in range(1, 61):
        late = 0 if number % 3 else rng.choice([5, 12, 40])
        for quarter in range(6):
            due = date(2024, 4, 30) + timedelta(days=91 * quarter)
            paid = due + timedelta(days=late if quarter % 2 else rng.choice([-3, 0]))
            if number in (7, 12) and quarter == 5:  # never paid: more than sixty days late in September, not in August
                paid = date(2099, 1, 1)
            shown = paid.isoformat() if paid <= until else ""
            if due <= until:
                rows.append((f"INV{number:03d}{quarter}", f"C{number:04d}", due.isoformat(), shown, f"{rng.randint(20, 900) * 100}.00"))
    return rows


def surveys() -> list[tuple[str, str, str]]:
    rng = random.Random(11)
    return [(f"C{n:04d}", f"2025-0{rng.randint(3, 8)}-15", str(rng.choice([3, 4, 4, 5, 5]))) for n in range(1, 61) if n % 4]


def written(header: tuple[str, ...], rows: list[tuple[str, ...]], encoding: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n" if encoding == "gb18030" else "\n")
    writer.writerows([header, *rows])
    return text.getvalue().encode(encoding)


def main() -> None:
    header = ("订单号", "客户编号", "客户名称", "下单日期", "品类", "金额", "成本")
    everything = sales()
    august = [r for r in everything if r[3] < "2025-09-01"]
    september = [r for r in everything if r[3] >= "2025-09-01"]
    august.insert(200, ("SO250112345", "C0011", "北京远航公司", "2025-01-20", "家具", "N/A", "100.00"))
    september.insert(3, ("SO250999999", "", "散客", "2025-09-09", "礼品", "88.00", "60.00"))
    files = {
        "sales-2023-09-to-2025-08.csv": written(header, august, "gb18030"),
        "sales-2025-09.csv": written(header, september, "gb18030"),
        "invoices-2025-08.csv": written(("发票号", "客户编号", "到期日", "付款日", "应收金额"), invoices(date(2025, 8, 31)), "gb18030"),
        "invoices-2025-09.csv": written(("发票号", "客户编号", "到期日", "付款日", "应收金额"), invoices(END), "gb18030"),
        "surveys.csv": written(("customer_id", "date", "score"), surveys(), "utf-8"),
    }
    DATA.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (DATA / name).write_bytes(content)


if __name__ == "__main__":
    main()
