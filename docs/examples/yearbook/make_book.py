"""Write the made data of `digital_trade` as a printed yearbook has them: numbered sheets, titles, measures, notes.

    python docs/examples/yearbook/make_book.py FILE.xlsx
"""

import pathlib
import sys

import openpyxl
import pandas as pd

DATA = pathlib.Path(__file__).resolve().parents[3] / "fixtures" / "digital_trade" / "data.csv"
SHEETS = {
    "1-1": ("长途光缆线路长度", "公里", "fibre_length"), "1-2": ("互联网宽带接入端口", "万个", "broadband_ports"),
    "1-3": ("快递业务量", "万件", "express_parcels"), "1-4": ("货物进出口总额", "亿元", "trade_total"),
    "2-1": ("地区生产总值", "亿元", "gdp"), "2-2": ("年末常住人口", "万人", "population"),
    "2-3": ("工业增加值", "亿元", "industry_added"), "2-4": ("财政支出", "亿元", "fiscal_spend"),
    "3-1": ("城镇登记失业率", "%", "unemployment"), "3-2": ("居民人均储蓄", "元", "savings_per_head"),
    "3-3": ("研发投入强度", "%", "rd_intensity"), "3-4": ("第三产业占比", "%", "tertiary_share"),
    "4-1": ("平均工资", "元", "wage"),
}  # fmt: skip


def write(target: pathlib.Path) -> None:
    frame = pd.read_csv(DATA)
    provinces, years = list(dict.fromkeys(frame["省份"])), sorted(set(frame["year"]))
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, (title, measure, column) in SHEETS.items():
        values = frame.pivot(index="省份", columns="year", values=column).loc[provinces, years]
        sheet = book.create_sheet(number)
        sheet.append([f"{number}  各地区{title}"])
        sheet.append([*[None] * len(years), f"单位：{measure}"])
        sheet.append(["地  区", *(f"{year}年" for year in years)])
        if measure != "%":
            sheet.append(["全  国", *values.sum().tolist()])
        for name, row in values.iterrows():
            spaced = f"{name[0]}  {name[1]}" if len(name) == 2 else name
            sheet.append([spaced, *(None if v != v else v for v in row.tolist())])
        sheet.append(["注：2020年起按新口径统计。"])
    users = frame.groupby("year")["internet_users_before"].first()
    sheet = book.create_sheet("附表 全国")
    sheet.append(["指标", *(f"{year}年" for year in years)])
    sheet.append(["上年互联网人数", *users.loc[years].tolist()])
    fixed = frame.groupby("省份", sort=False)[["region", "posts_1984"]].first().loc[provinces]
    sheet = book.create_sheet("附表 省份")
    sheet.append(["地区", "区域", "1984年邮局数"])
    for name, (region, posts) in fixed.iterrows():
        sheet.append([name, region, posts])
    book.save(target)


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]))
