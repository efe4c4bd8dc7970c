"""The tenth sheet of the facts workbook, and all ten: the other nine are the ledgers' own."""

from ledgers.exports import layout
from ledgers.exports.layout import LEVELS, LONG, NUMBER, Field, Ledger, day_field, must

CHECKS = ("通过", "不通过")
DECLARED = Ledger(
    "申报",
    "一季一申报汇总",
    (
        must("季度", 11),
        must("对象", 18),
        must("规则编号", 16),
        Field("级别", 9, words=LEVELS),
        Field("数量", 8, NUMBER),
        must("事项", 40, LONG),
        Field("文件号", 24),
        day_field("文件日期"),
        Field("初核", 10, words=CHECKS),
        Field("核验", 10, words=CHECKS),
    ),
    "季度写2026Q1；对象按细则填工号或科室名；数量空着算1。文件号和文件日期都有、初核和核验都通过的"
    "才计分，计在文件日期所在的季度。",
)
LEDGERS = (*layout.LEDGERS, DECLARED)
