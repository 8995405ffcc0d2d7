"""What the register of equipment can count."""

from yanta.kernel.base.indicators import count, indicator, total

OWNER = "资产处"
KEPT = {"field": "status", "is": "ne", "value": "scrapped"}
STUDYING = {"field": "status", "is": "eq", "value": "01"}
DIMENSIONS = ("category", "name")

indicator(
    "equipment.count", "在册仪器设备数", owner=OWNER, group="资产", unit="台件", parts=count("asset", "未报废的仪器设备", KEPT),
    dimensions=(*DIMENSIONS, "status"), order=60,
)  # fmt: skip
indicator(
    "equipment.value", "仪器设备值", owner=OWNER, group="资产", unit="万元", decimals=1, better="higher",
    parts={"price": total("asset", "price", "未报废仪器设备的单价合计（元）", KEPT)}, expression="price / 10000",
    dimensions=DIMENSIONS, order=62,
)  # fmt: skip
indicator(
    "equipment.value_per_student", "生均教学科研仪器设备值", owner=OWNER, group="资产", unit="元/生", better="higher", target="5000",
    warn="3000",
    parts={"price": total("asset", "price", "未报废仪器设备的单价合计（元）", KEPT),
           "bachelors": count("student", "在读本科、专科生", {"all": [STUDYING, {"field": "level", "is": "in", "value": ["3", "4"]}]}),
           "masters": count("student", "在读硕士生", {"all": [STUDYING, {"field": "level", "is": "eq", "value": "2"}]}),
           "doctors": count("student", "在读博士生", {"all": [STUDYING, {"field": "level", "is": "eq", "value": "1"}]})},
    expression="price / (bachelors + masters * 1.5 + doctors * 2)", order=64,
    basis="教育部《普通高等学校基本办学条件指标（试行）》（教发〔2004〕2号）：综合、工科、农林、医学、师范院校合格标准 5000 元/生，限制招生 3000",
    coverage="台账不分教学科研与行政后勤用途，全部在册仪器设备都计入，偏高；折合在校生按硕士生 ×1.5、博士生 ×2。",
)  # fmt: skip
indicator(
    "equipment.intact_rate", "设备完好率", owner=OWNER, group="资产", unit="%", decimals=1, better="higher", target="95", warn="90",
    parts={"fit": count("asset", "在用、闲置的仪器设备", {"field": "status", "is": "in", "value": ["in_use", "idle"]}),
           "all": count("asset", "未报废的仪器设备", KEPT)},
    expression="fit / all * 100", dimensions=DIMENSIONS, order=66,
)  # fmt: skip
indicator(
    "equipment.idle_rate", "设备闲置率", owner=OWNER, group="资产", unit="%", decimals=1, better="lower", target="5", warn="10",
    parts={"idle": count("asset", "闲置的仪器设备", {"field": "status", "is": "eq", "value": "idle"}),
           "all": count("asset", "未报废的仪器设备", KEPT)},
    expression="idle / all * 100", dimensions=DIMENSIONS, order=68,
)  # fmt: skip
