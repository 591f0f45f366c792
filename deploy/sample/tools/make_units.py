#!/usr/bin/env python3
"""Writes registry/units.json and registry/estates.json: authored lists, village committees from
data/units.csv."""
import json

from make_grids import COMMUNITY_GRIDS, COUNTY, ROOT, centre, units

PARENT = "counties/" + COUNTY
SOURCE = "authored sample"
DEPARTMENTS = {
    "gonganju": "县公安局", "jiaojing": "县公安局交通警察大队", "zhujianju": "县住房和城乡建设局",
    "zongzhiju": "县综合行政执法局", "rensheju": "县人力资源和社会保障局", "minzhengju": "县民政局",
    "jiaoyuju": "县教育局", "weijianwei": "县卫生健康委员会", "yibaoju": "县医疗保障局",
    "shijianju": "县市场监督管理局", "jiaotongju": "县交通运输局", "huanjingju": "县生态环境局",
    "ziguiju": "县自然资源和规划局", "nongyeju": "县农业农村局", "shuiwuju": "县水务局",
    "yingjiju": "县应急管理局", "xiaofang": "县消防救援大队", "lvwenju": "县旅游和文化广电体育局",
    "linyeju": "县林业局", "sifaju": "县司法局", "xinfangju": "县信访局", "canlian": "县残疾人联合会",
    "fagaiwei": "县发展和改革委员会", "guoshuiju": "县税务局", "zhengwu": "县政务服务中心",
    "tuiyi": "县退役军人事务局",
}
UTILITIES = {
    "gongshui": "县供水公司", "gongdian": "县供电局", "ranqi": "县燃气公司",
    "huanwei": "县环卫服务公司", "gongjiao": "县公共交通公司", "tongxin": "县通信基础设施公司",
}
TOWNSHIPS = {
    "469030100": ("yinggen", "营根镇人民政府"), "469030101": ("wanling", "湾岭镇人民政府"),
    "469030102": ("limushan", "黎母山镇人民政府"), "469030103": ("heping", "和平镇人民政府"),
    "469030104": ("changzheng", "长征镇人民政府"), "469030105": ("hongmao", "红毛镇人民政府"),
    "469030106": ("zhongping", "中平镇人民政府"), "469030200": ("diaoluoshan", "吊罗山乡人民政府"),
    "469030201": ("shangan", "上安乡人民政府"), "469030202": ("shiyun", "什运乡人民政府"),
}
# What may be asked of the grassroots (履职清单): cleaning, parking of bicycles, quarrels, help with
# lifts on the spot, visits to people in need; a township also its roads, fields and relief.
COMMUNITY_DUTIES = ["010101", "010104", "0301", "0304", "0305", "0503", "1203", "1205"]
TOWNSHIP_DUTIES = COMMUNITY_DUTIES + ["0302", "0403", "1001", "1002", "1003", "1201"]
# id: (name, community, number of its grid, buildings)
ESTATES = {
    "minhua": ("珉华小区", "469030100003", 3, ["1栋", "2栋", "3栋"]),
    "yelin": ("椰林花园", "469030100001", 1, ["1栋", "2栋", "3栋", "4栋"]),
    "hepan": ("河畔新城", "469030100001", 3, ["A座", "B座", "C座"]),
    "dongyuan": ("锦绣东苑", "469030100001", 5, ["1栋", "2栋"]),
    "dongpo": ("东坡里公寓", "469030100001", 8, ["1栋"]),
    "nanyuan": ("南苑小区", "469030100002", 1, ["1栋", "2栋", "3栋"]),
    "binlang": ("金槟榔花园", "469030100002", 3, ["1栋", "2栋", "5栋", "6栋"]),
    "baihuali": ("百花里小区", "469030100002", 5, ["1栋", "2栋"]),
    "shanshui": ("山水名居", "469030100002", 7, ["1栋", "2栋", "3栋"]),
    "beipo": ("北坡家园", "469030100003", 1, ["1栋", "2栋"]),
    "lvcheng": ("绿橙公寓", "469030100003", 5, ["A座", "B座"]),
    "lanhua": ("兰花苑", "469030100003", 7, ["1栋", "2栋"]),
    "wanlingxin": ("湾岭新居", "469030101001", 1, ["1栋", "2栋", "5栋"]),
    "lingjiao": ("岭脚小区", "469030101001", 4, ["1栋", "2栋"]),
    "wushixin": ("乌石职工新村", "469030101002", 2, ["1栋", "2栋"]),
    "limu": ("黎母小区", "469030102001", 1, ["1栋", "2栋"]),
    "hepingjia": ("和平家园", "469030103001", 2, ["1栋", "2栋", "3栋"]),
    "changzhengxin": ("长征新苑", "469030104001", 1, ["1栋", "2栋"]),
    "zhongpingjia": ("中平佳苑", "469030106001", 2, ["1栋", "2栋"]),
    "shanganxin": ("上安新村", "469030201001", 1, ["1栋", "2栋"]),
}


def unit(unit_id, name, kind, area, duties=()):
    body = {"displayName": name, "kind": kind, "area": "%s/areas/%s" % (PARENT, area),
            "source": SOURCE}
    if duties:
        body["dutyCategories"] = sorted(duties)
    return {"unitId": unit_id, "unit": body}


def make_units(rows):
    county = COUNTY + "000000"
    made = [unit("hotline", "县12345政务服务便民热线中心", "HOTLINE_CENTRE", county)]
    made += [unit(i, name, "DEPARTMENT", county) for i, name in DEPARTMENTS.items()]
    made += [unit(i, name, "UTILITY", county) for i, name in UTILITIES.items()]
    made += [unit(i, name, "TOWNSHIP_GOVERNMENT", code + "000", TOWNSHIP_DUTIES)
             for code, (i, name) in TOWNSHIPS.items()]
    made += [unit("cun-" + row["code12"], row["name"], "VILLAGE_COMMITTEE", row["code12"],
                  COMMUNITY_DUTIES) for row in rows]
    return made


def make_estates(rows):
    cells = {row["code12"]: cell for cell, row in enumerate(rows)}
    made = []
    for estate_id, (name, area, grid, labels) in ESTATES.items():
        middle = centre(cells[area], grid - 1, COMMUNITY_GRIDS[area])
        buildings = []
        for i, label in enumerate(labels):
            place = dict(middle)
            place["latitude"] = round(place["latitude"] + (i - 1) * 0.0006, 5)
            buildings.append({"label": label, "point": place})
        made.append({"estateId": estate_id, "estate": {
            "displayName": name, "grid": "%s/grids/%s%03d" % (PARENT, area, grid),
            "buildings": buildings, "source": SOURCE}})
    return made


def write(name, content):
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (ROOT / "registry" / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    ROWS = units()
    write("units.json", {"units": make_units(ROWS)})
    write("estates.json", {"estates": make_estates(ROWS)})
