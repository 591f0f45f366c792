#!/usr/bin/env python3
"""Makes ../registry/* from ../data/units.csv and what is written below.

Real: codes and names of the 125 village-level units and 11 townships of 469030. Authored for the
sample, and marked so in every row: grids, polygons (synthetic_polygon), estates, departments,
duties. The same input gives the same bytes. Python 3 standard library only.
"""

import csv
import json
import math
import pathlib

HERE = pathlib.Path(__file__).resolve().parent.parent
COUNTY = "469030"
COUNTY_NAME = "琼中黎族苗族自治县"
AUTHORED = "authored sample"
PARENT = f"counties/{COUNTY}"

# Grids of the 13 communities, 48 in all; every other unit has one.
GRIDS_OF_COMMUNITY = {"新伟南居": 3, "新伟北居": 3, "太平社区": 3, "上安社区": 3}
GRIDS_BY_DEFAULT = 4
COMMUNITY_GRIDS = 48

ALIASES = {
    "营东社区": ["营东"],
    "营南社区": ["营南"],
    "营北社区": ["营北"],
    "新伟南居": ["新伟南社区", "新伟南"],
    "新伟北居": ["新伟北社区", "新伟北"],
}

# 履职清单, by the categories of ../ticket/policy.json: cleaning, greenery, noise, quarrels, visits to
# people in need, help at a stuck lift; a village also its fields and roads, a township all of it.
COMMUNITY_DUTIES = ["010101", "010104", "020501", "0301", "0304", "0305", "0503", "1203", "1205"]
VILLAGE_DUTIES = ["0301", "0304", "0305", "0403", "0503", "1003", "1203", "1205"]
TOWNSHIP_DUTIES = ["0103", "03", "0403", "0503", "1001", "1002", "1003", "1201", "1203", "1205"]

TOWN_IDS = {
    "100": "yinggen", "101": "wanling", "102": "limushan", "103": "heping", "104": "changzheng",
    "105": "hongmao", "106": "zhongping", "200": "diaoluoshan", "201": "shangan", "202": "shiyun",
}

DEPARTMENTS = [
    ("hotline", "琼中县12345热线服务中心", "HOTLINE_CENTRE"),
    ("zhengfuban", "琼中县人民政府办公室", "DEPARTMENT"),
    ("zhengfawei", "中共琼中县委政法委员会", "DEPARTMENT"),
    ("xinfangju", "琼中县信访局", "DEPARTMENT"),
    ("zhujianju", "琼中县住房和城乡建设局", "DEPARTMENT"),
    ("gonganju", "琼中县公安局", "DEPARTMENT"),
    ("minzhengju", "琼中县民政局", "DEPARTMENT"),
    ("rensheju", "琼中县人力资源和社会保障局", "DEPARTMENT"),
    ("jiaoyuju", "琼中县教育局", "DEPARTMENT"),
    ("weijianwei", "琼中县卫生健康委员会", "DEPARTMENT"),
    ("yibaoju", "琼中县医疗保障局", "DEPARTMENT"),
    ("shichangju", "琼中县市场监督管理局", "DEPARTMENT"),
    ("zhifaju", "琼中县综合行政执法局", "DEPARTMENT"),
    ("jiaotongju", "琼中县交通运输局", "DEPARTMENT"),
    ("shuiwuju", "琼中县水务局", "DEPARTMENT"),
    ("nongyeju", "琼中县农业农村局", "DEPARTMENT"),
    ("linyeju", "琼中县林业局", "DEPARTMENT"),
    ("huanjingju", "琼中县生态环境局", "DEPARTMENT"),
    ("ziguiju", "琼中县自然资源和规划局", "DEPARTMENT"),
    ("yingjiju", "琼中县应急管理局", "DEPARTMENT"),
    ("sifaju", "琼中县司法局", "DEPARTMENT"),
    ("canlian", "琼中县残疾人联合会", "DEPARTMENT"),
    ("fagaiwei", "琼中县发展和改革委员会", "DEPARTMENT"),
    ("caizhengju", "琼中县财政局", "DEPARTMENT"),
    ("lvwenju", "琼中县旅游和文化广电体育局", "DEPARTMENT"),
    ("tuiyiju", "琼中县退役军人事务局", "DEPARTMENT"),
    ("zhengwuzhongxin", "琼中县政务服务中心", "DEPARTMENT"),
    ("jiaojing", "琼中县公安局交通警察大队", "DEPARTMENT"),
    ("xiaofang", "琼中县消防救援大队", "DEPARTMENT"),
    ("guoshuiju", "琼中县税务局", "DEPARTMENT"),
    ("huanweizhan", "琼中县环境卫生服务站", "DEPARTMENT"),
    ("gongdianju", "琼中供电局", "UTILITY"),
    ("zilaishui", "琼中自来水公司", "UTILITY"),
    ("ranqi", "琼中燃气公司", "UTILITY"),
    ("gongjiao", "琼中公共交通公司", "UTILITY"),
    ("tongxin", "琼中通信基础设施公司", "UTILITY"),
]

# id, name, community, number of the grid, buildings by grid number, aliases.
ESTATES = [
    ("minhua", "珉华小区", "营北社区", 1, {1: ["1栋", "2栋", "3栋"]}, []),
    ("lanting", "岚庭花园", "营北社区", 2, {2: ["1栋", "2栋"], 3: ["3栋", "4栋"]}, ["岚庭"]),
    ("beifu", "北阜家园", "营北社区", 3, {3: ["A座", "B座"]}, []),
    ("qinghe", "青禾小区", "营北社区", 4, {4: ["1栋", "2栋"]}, []),
    ("dongying", "东盈小区", "营东社区", 1, {1: ["1栋", "2栋", "3栋"]}, []),
    ("binshui", "槟水花园", "营东社区", 2, {2: ["1栋", "2栋"]}, []),
    ("jiaolin", "蕉林雅居", "营东社区", 3, {3: ["1号楼", "2号楼"]}, []),
    ("chunxi", "春溪公寓", "营东社区", 4, {4: ["1栋"]}, []),
    ("nanyuan", "南苑小区", "营南社区", 1, {1: ["1栋", "2栋", "3栋", "4栋"]}, []),
    ("mianshan", "绵山新居", "营南社区", 2, {2: ["1栋", "2栋"]}, []),
    ("lvcheng", "绿橙花园", "营南社区", 3, {3: ["1栋", "2栋", "3栋"]}, ["绿橙"]),
    ("heyan", "河沿小区", "营南社区", 4, {4: ["1栋", "2栋"]}, []),
    ("wanxin", "湾欣小区", "湾岭社区", 1, {1: ["1栋", "2栋"]}, []),
    ("wushi-jiayuan", "乌石佳园", "乌石社区", 1, {1: ["1栋", "2栋"]}, []),
    ("yaozi-xinju", "腰子新居", "腰子社区", 1, {1: ["1栋"]}, []),
    ("hexin", "和欣小区", "和平社区", 1, {1: ["1栋", "2栋"]}, []),
    ("yingpan-yuan", "营盘苑", "营盘社区", 1, {1: ["1栋"]}, []),
    ("xintang-yuan", "新堂苑", "新堂社区", 1, {1: ["1栋", "2栋"]}, []),
    ("taihe", "泰禾小区", "太平社区", 1, {1: ["1栋"]}, []),
    ("anju", "安居小区", "上安社区", 1, {1: ["1栋", "2栋"]}, []),
]

CENTRE = (19.03, 109.84)
CELL = (0.040, 0.042)  # Degrees of latitude and longitude; about 4.4 km.
DIGITS = "零一二三四五六七八九"


def shown_name(name):
    """As common/text DisplayName; a test compares the two."""
    for ending in ("居民委员会", "居委会"):
        if name.endswith(ending):
            stem = name[: -len(ending)]
            return stem if stem.endswith(("社区", "居")) else stem + "居"
    for ending in ("村民委员会", "村委会"):
        if name.endswith(ending):
            stem = name[: -len(ending)]
            return stem if stem.endswith("村") else stem + "村"
    return name


def read_units():
    with open(HERE / "data/units.csv", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["county"] == COUNTY]
    kinds = {"特殊单位(林场分局)": "特殊单位"}
    return [
        {"code": row["code12"], "town": row["town_code"][6:], "town_name": row["town"],
         "registered": row["name"], "name": shown_name(row["name"]),
         "kind": kinds.get(row["kind"], row["kind"])}
        for row in rows
    ]


def town_kind(segment):
    return {"1": "镇", "2": "乡", "5": "政企合一单位"}[segment[0]]


# --- polygons: a lattice of crooked cells, one a unit, split among its grids -----------------------

def corner(row, column):
    """A lattice point, moved a little; every polygon that uses it computes the same one."""
    shift = math.sin(row * 12.9898 + column * 78.233) * 0.12
    slide = math.sin(row * 39.346 + column * 11.135) * 0.12
    return (CENTRE[0] + (row + shift) * CELL[0], CENTRE[1] + (column + slide) * CELL[1])


def between(a, b, share):
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)


class Cell:
    """Row and column count from the south-west; points are found by shares of the cell."""

    # Shares at which neighbours may be cut: on the border they are points of every polygon there.
    WEST_EAST = (0, 1 / 3, 1 / 2, 2 / 3, 1)
    SOUTH_NORTH = (0, 1 / 2, 1)

    def __init__(self, row, column):
        self.south_west, self.south_east = corner(row, column), corner(row, column + 1)
        self.north_west, self.north_east = corner(row + 1, column), corner(row + 1, column + 1)

    def point(self, x, y):
        return between(between(self.south_west, self.south_east, x),
                       between(self.north_west, self.north_east, x), y)

    def part(self, west, east, south, north):
        across = [x for x in self.WEST_EAST if west <= x <= east]
        upward = [y for y in self.SOUTH_NORTH if south <= y <= north]
        ring = [(x, south) for x in across] + [(east, y) for y in upward[1:]]
        ring += [(x, north) for x in reversed(across[:-1])]
        ring += [(west, y) for y in reversed(upward[1:-1])]
        points = [self.point(x, y) for x, y in ring]
        return [{"latitude": round(lat, 6), "longitude": round(lng, 6)} for lat, lng in points]

    def parts(self, count):
        """West to east, north to south: the order that grids are numbered in."""
        if count == 1:
            return [(0, 1, 0, 1)]
        if count == 3:
            return [(i / 3, (i + 1) / 3, 0, 1) for i in range(3)]
        if count == 4:
            return [(0, .5, .5, 1), (.5, 1, .5, 1), (0, .5, 0, .5), (.5, 1, 0, .5)]
        raise ValueError(f"no way to cut a cell into {count}")


def cells(count):
    """The cells nearest to the centre, ring by ring, so that a township is an arc."""
    def order(cell):
        ring = max(abs(cell[0]), abs(cell[1]))
        return (ring, math.atan2(cell[0], cell[1]))
    span = range(-7, 8)
    return sorted(((r, c) for r in span for c in span), key=order)[:count]


# --- files ----------------------------------------------------------------------------------------

def write_json(path, value):
    text = json.dumps(value, ensure_ascii=False, indent=1)
    (HERE / path).write_text(text + "\n", encoding="utf-8")


def write_areas(units):
    lines = [("code", "name", "kind", "aliases"),
             (COUNTY + "000000", COUNTY_NAME, "县", "琼中县|琼中")]
    towns = {}
    for unit in units:
        towns.setdefault(unit["town"], unit["town_name"])
    for segment, name in sorted(towns.items()):
        lines.append((f"{COUNTY}{segment}000", name, town_kind(segment), ""))
    for unit in units:
        lines.append((unit["code"], unit["name"], unit["kind"],
                      "|".join(ALIASES.get(unit["name"], []))))
    with open(HERE / "registry/areas.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)


def make_grids(units):
    """grids, and (community name, number) -> (code, cell part) for the estates."""
    grids, places = [], {}
    for unit, (row, column) in zip(units, cells(len(units))):
        community = unit["kind"] == "社区"
        count = GRIDS_OF_COMMUNITY.get(unit["name"], GRIDS_BY_DEFAULT) if community else 1
        cell = Cell(row, column)
        for number, part in enumerate(cell.parts(count), start=1):
            code = f"{unit['code']}{number:03d}"
            name = f"第{DIGITS[number]}网格" if count > 1 else "网格"
            layers = ["POLITICS_AND_LAW", "CIVIL_AFFAIRS"]
            layers += ["URBAN_MANAGEMENT", "EMERGENCY"] if community else ["EMERGENCY"]
            grids.append({"code": code, "displayName": unit["name"] + name, "layers": layers,
                          "polygon": {"outer": {"points": cell.part(*part)}},
                          "syntheticPolygon": True})
            places[(unit["name"], number)] = (code, cell, part)
    assert sum(1 for g in grids if any(
        u["code"] == g["code"][:12] and u["kind"] == "社区" for u in units)) == COMMUNITY_GRIDS
    return grids, places


def make_units(units):
    def entry(unit_id, name, kind, area, duties=()):
        unit = {"displayName": name, "kind": kind, "area": f"{PARENT}/areas/{area}",
                "source": AUTHORED}
        if duties:
            unit["dutyCategories"] = list(duties)
        return {"unitId": unit_id, "unit": unit}

    entries = [entry(i, name, kind, COUNTY + "000000") for i, name, kind in DEPARTMENTS]
    names = {unit["town"]: unit["town_name"] for unit in units}
    for segment, unit_id in TOWN_IDS.items():
        entries.append(entry(f"{unit_id}-zhengfu", names[segment] + "人民政府",
                             "TOWNSHIP_GOVERNMENT", f"{COUNTY}{segment}000", TOWNSHIP_DUTIES))
    for unit in units:
        duties = COMMUNITY_DUTIES if unit["kind"] in ("社区", "农场居") else VILLAGE_DUTIES
        made = entry("cun-" + unit["code"], unit["registered"], "VILLAGE_COMMITTEE", unit["code"],
                     duties)
        made["unit"]["source"] = "china-division 2.7.0; duties: " + AUTHORED
        entries.append(made)
    return entries


def make_estates(places):
    estates = []
    for estate_id, name, community, number, buildings, aliases in ESTATES:
        home = places[(community, number)][0]
        rows = []
        for grid_number, labels in buildings.items():
            code, cell, (west, east, south, north) = places[(community, grid_number)]
            for i, label in enumerate(labels, start=1):
                share = i / (len(labels) + 1)
                lat, lng = cell.point(west + (east - west) * share, south + (north - south) * .4)
                building = {"label": label, "point": {"latitude": round(lat, 6),
                                                      "longitude": round(lng, 6)}}
                if code != home:
                    building["grid"] = f"{PARENT}/grids/{code}"
                rows.append(building)
        estate = {"displayName": name, "grid": f"{PARENT}/grids/{home}", "buildings": rows,
                  "source": AUTHORED}
        if aliases:
            estate["aliases"] = aliases
        estates.append({"estateId": estate_id, "estate": estate})
    return estates


def main():
    units = read_units()
    write_areas(units)
    grids, places = make_grids(units)
    write_json("registry/grids.json", {"grids": grids})
    write_json("registry/units.json", {"units": make_units(units)})
    write_json("registry/estates.json", {"estates": make_estates(places)})
    print(f"{len(units)} units, {len(grids)} grids, {len(ESTATES)} estates")


if __name__ == "__main__":
    main()
