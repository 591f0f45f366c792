#!/usr/bin/env python3
"""Writes registry/areas.csv and registry/grids.json from data/units.csv.

The extents are made up: every village-level unit gets a cell of a lattice around the county seat,
and its grids are strips of that cell. Nothing is known here about real borders.
"""
import csv
import json
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
COUNTY = "469030"
# The 48 grids of the 13 communities, as the county reports them; the split is ours.
COMMUNITY_GRIDS = {
    "469030100001": 8, "469030100002": 7, "469030100003": 7, "469030101001": 4,
    "469030101002": 3, "469030102001": 2, "469030103001": 3, "469030104001": 2,
    "469030105004": 2, "469030105005": 2, "469030106001": 3, "469030200001": 2,
    "469030201001": 3,
}
KINDS = {"社区": "社区", "行政村": "行政村", "农场居": "农场居", "特殊单位(林场分局)": "特殊单位"}
ALL_LAYERS = ["POLITICS_AND_LAW", "CIVIL_AFFAIRS", "URBAN_MANAGEMENT", "EMERGENCY",
              "MARKET_SUPERVISION", "ENVIRONMENT"]
VILLAGE_LAYERS = ["POLITICS_AND_LAW", "CIVIL_AFFAIRS", "EMERGENCY", "ENVIRONMENT"]
# Degrees. The lattice is centred near 19.03 N 109.84 E.
SOUTH, WEST, CELL, GAP, COLUMNS = 18.92, 109.72, 0.02, 0.0002, 12


def short(name):
    for suffix in ("居居民委员会", "居居委会", "居民委员会", "居委会", "村委会"):
        if name.endswith(suffix):
            return name[:-len(suffix)] + ("村" if suffix == "村委会" else
                                          "居" if suffix.startswith("居居") else "")
    return name


def point(latitude, longitude):
    return {"latitude": round(latitude, 5), "longitude": round(longitude, 5)}


def strip(cell, index, count):
    """Strip `index` of `count` of a cell, counter-clockwise."""
    south = SOUTH + cell // COLUMNS * CELL + GAP
    north = south + CELL - 2 * GAP
    width = (CELL - 2 * GAP) / count
    west = WEST + cell % COLUMNS * CELL + GAP + index * width
    east = west + width - (GAP if index + 1 < count else 0)
    return {"outer": {"points": [point(south, west), point(south, east), point(north, east),
                                 point(north, west)]}}


def centre(cell, index, count):
    points = strip(cell, index, count)["outer"]["points"]
    return point((points[0]["latitude"] + points[2]["latitude"]) / 2,
                 (points[0]["longitude"] + points[1]["longitude"]) / 2)


def units():
    with open(ROOT / "data/units.csv", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["county"] == COUNTY]


def write_areas(rows):
    lines = [("code", "name", "kind"), (COUNTY + "000000", "琼中黎族苗族自治县", "县")]
    seen = set()
    for row in rows:
        if row["town_code"] not in seen:
            seen.add(row["town_code"])
            kind = {"镇": "镇", "乡": "乡"}.get(row["town"][-1], "政企合一单位")
            lines.append((row["town_code"] + "000", row["town"], kind))
        lines.append((row["code12"], row["name"], KINDS[row["kind"]]))
    with open(ROOT / "registry/areas.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)


def write_grids(rows):
    grids = []
    for cell, row in enumerate(rows):
        count = COMMUNITY_GRIDS.get(row["code12"], 1)
        for index in range(count):
            urban = row["code12"] in COMMUNITY_GRIDS
            households = 150 + (cell * 37 + index * 53) % 190
            grids.append({
                "code": "%s%03d" % (row["code12"], index + 1),
                "displayName": "%s第%d网格" % (short(row["name"]), index + 1),
                "layers": ALL_LAYERS if urban else VILLAGE_LAYERS,
                "polygon": strip(cell, index, count),
                "syntheticPolygon": True,
                "households": households,
                "people": households * 3 + index,
            })
    in_communities = [g for g in grids if g["code"][:12] in COMMUNITY_GRIDS]
    assert len(in_communities) == 48 and len(COMMUNITY_GRIDS) == 13
    text = json.dumps({"grids": grids}, ensure_ascii=False, indent=1)
    (ROOT / "registry/grids.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    ROWS = units()
    write_areas(ROWS)
    write_grids(ROWS)
