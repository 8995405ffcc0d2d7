"""The data elements a roster column may carry, and the names departments give them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache


@dataclass(frozen=True)
class Element:
    """One raw element: its label, the headers that mean it, words that hint at it, words that rule it out."""

    name: str
    label: str
    headers: tuple[str, ...]
    hint: str = ""
    never: str = ""
    key: bool = field(default=False)  # one of the elements without which a row is nobody's


def _element(
    name: str, label: str, headers: str, *, hint: str = "", never: str = "", key: bool = False
) -> Element:
    return Element(name, label, tuple(headers.split()), hint, never, key)


# Headers are compared after `header_key`; Latin ones are the identifiers of JY/T 1002 and usual database names.
ELEMENTS: tuple[Element, ...] = (
    _element(
        "name",
        "姓名",
        "姓名 名字 学生姓名 教师姓名 职工姓名 教工姓名 人员姓名 收款人姓名 收款人 持卡人 持卡人姓名 读者姓名 读者 您的姓名"
        " 真实姓名 中文姓名 考生姓名 住宿人 入住人 户名 账户名 XM NAME XINGMING USERNAME STUNAME FULLNAME",
        hint="姓名|名字",
        never="曾用|拼音|英文|导师|辅导|家长|父|母|联系人|学校|单位|院|专业|班|紧急|配偶",
        key=True,
    ),
    _element(
        "former_name", "曾用名", "曾用名 曾用姓名 原名 旧名 原姓名 CYM FORMERNAME OLDNAME", hint="曾用|原名"
    ),
    _element(
        "latin_name",
        "拼音或外文名",
        "姓名拼音 拼音 英文名 英文姓名 外文名 外文姓名 护照姓名 拼音姓名 XMPY YWXM WWXM ENNAME ENGLISHNAME PINYIN",
        hint="拼音|英文名|外文|ENGLISH",
    ),
    _element("sex", "性别", "性别 性 性别码 性别代码 男女 XB XBM XBDM SEX GENDER", hint="性别|男.?女"),
    _element(
        "birth",
        "出生日期",
        "出生日期 出生年月 出生年月日 生日 出生时间 出生 出生日 CSRQ CSNY BIRTHDAY BIRTH BIRTHDATE DOB",
        hint="出生|生日|BIRTH",
        never="出生地",
    ),
    _element(
        "id_type",
        "证件类型",
        "证件类型 证件类型码 身份证件类型 证件类别 证件种类 身份证件类型码 SFZJLX SFZJLXM ZJLX ZJLXDM IDTYPE",
        hint="证件类",
    ),
    _element(
        "id_no",
        "证件号",
        "身份证号 身份证号码 身份证 证件号 证件号码 身份证件号 身份证件号码 公民身份号码 居民身份证号 身份号码"
        " 身份证/护照号 护照号 护照号码 有效证件号 SFZH SFZJH SFZHM ZJH ZJHM IDCARD IDNO IDNUMBER IDCARDNO",
        hint="身份证|证件号|护照号",
        never="类型|类别|有效期|家长|父|母",
        key=True,
    ),
    _element(
        "nationality",
        "国籍",
        "国家/地区 国籍 国家地区 国别 国家 国籍/地区 国别地区 GJ GJDQ GJDQM GB NATIONALITY COUNTRY",
        hint="国籍|国别",
    ),
    _element(
        "ethnic", "民族", "民族 民族码 民族代码 民族名称 族别 MZ MZM MZDM NATION ETHNIC", hint="民族|族别"
    ),
    _element(
        "political",
        "政治面貌",
        "政治面貌 面貌 政治面貌码 政治面貌代码 党派 政治身份 ZZMM ZZMMM ZZMMDM POLITICAL",
        hint="面貌|党派",
    ),
    _element(
        "native_place",
        "籍贯",
        "籍贯 生源地 生源地码 生源所在地 户籍地 户籍所在地 户口所在地 籍贯码 生源地代码 户籍 考生户籍 JG JGM HJDM HJSZD SYD SYDM",
        hint="籍贯|生源地|户籍|户口",
        never="类型|性质|类别",
    ),
    _element(
        "phone",
        "电话",
        "手机号 手机 手机号码 联系电话 电话 联系方式 本人电话 移动电话 电话号码 本人手机 学生手机 学生电话 联系手机"
        " 手机电话 LXDH SJH SJHM YDDH TEL PHONE MOBILE TELEPHONE CELLPHONE",
        hint="手机|电话|联系方式",
        never="家长|家庭|父|母|紧急|监护|办公|宿舍电话|单位电话|传真",
        key=True,
    ),
    _element(
        "home_phone",
        "家庭电话",
        "家庭电话 家长电话 紧急联系电话 家长手机 父母电话 紧急联系方式 监护人电话 家庭联系电话 家长联系方式 紧急联系人电话 JTDH",
        hint="(家长|家庭|紧急|父|母|监护).*(电话|手机|联系)",
    ),
    _element(
        "email",
        "邮箱",
        "邮箱 电子邮箱 邮件 电子邮件 E-MAIL EMAIL MAIL 电邮 邮箱地址 DZXX DZYX EMAILADDRESS",
        hint="邮箱|信箱|邮件|MAIL",
    ),
    _element(
        "address",
        "家庭地址",
        "家庭地址 家庭住址 通讯地址 住址 地址 通信地址 家庭详细地址 现住址 联系地址 JTDZ JTZZ TXDZ ADDRESS ADDR",
        hint="地址|住址",
        never="邮箱|网址",
    ),
    _element(
        "org_code",
        "单位代码",
        "学院代码 部门代码 单位代码 院系代码 单位码 部门码 单位号 院系所码 部门编号 学院码 系所代码 YXDM DWDM BMDM DEPTCODE"
        " ORGCODE DEPTID DWH YXSM",
        hint="(学院|部门|单位|院系).*(代码|代号|码|编号)",
    ),
    _element(
        "org_name",
        "单位",
        "学院 学院名称 院系 部门 部门名称 单位 单位名称 所在学院 所在单位 培养单位 院系名称 所在部门 所属单位 所属部门 所属学院"
        " 工作部门 录取院系 录取学院 院系/专业 系别 学院/部门 部门/学院 就读学院 YX YXMC LQYX DW DWMC BM BMMC DEPT DEPTNAME DEPARTMENT COLLEGE",
        hint="学院|院系|院.系|部门|(所在|培养|二级|所属)单位",
        never="代码|代号|码$|编号|毕业院|现工作|工作单位",
    ),
    _element(
        "sub_org",
        "科室",
        "科室/系 科室 系 教研室 所在系 系所 系/教研室 系（教研室） 科室名称",
        hint="科室|教研室",
    ),
    _element(
        "staff_no",
        "工号",
        "职工号 工号 教工号 人事编号 职工编号 教职工号 教师编号 工资号 教职工编号 JZGH JGH GH STAFFNO STAFFID EMPNO ZGH",
        hint="职工号|工号|教工号",
        never="导师|卡号",
        key=True,
    ),
    _element(
        "student_no",
        "学号",
        "学号 学生学号 研究生学号 在校学号 学籍号 学生编号 本科生学号 学生号 XH XSXH STUNO STUDENTNO STUDENTID SID",
        hint="学号",
        never="原学号|本科学号|旧学号",
        key=True,
    ),
    _element(
        "person_no",
        "人员编号",
        "人员编号 学工号 学号/工号 工号/学号 学号工号 SNO 读者条码 读者证号 条码 借书证号 证号 人员号 用户编号 编号"
        " 一卡通号 统一身份号 PERSONNO USERID UID RYBH XGH 账号",
        hint="学工号|学.*工号|人员.*号|条码|读者.*号",
        key=True,
    ),
    _element(
        "former_student_no",
        "原学号",
        "原学号 旧学号 曾用学号 本校本科学号 本科学号 本科阶段学号 转专业前学号 YXH",
        hint="原学号|旧学号|本科学号",
    ),
    _element(
        "card_no",
        "卡号",
        "卡号 一卡通卡号 校园卡号 校园卡卡号 物理卡号 CARDNO KH CARDID",
        hint="校园卡|一卡通",
    ),
    _element(
        "payee_no",
        "收款人编号",
        "收款人编号 收款人编码 收款人代码 客户编号 往来编号 PAYEENO",
        hint="收款人.*(编|码)",
    ),
    _element(
        "exam_no",
        "考生号",
        "考生号 高考考生号 高考报名号 准考证号 考号 KSH ZKZH EXAMNO",
        hint="考生.?号|报名号|准考证",
    ),
    _element(
        "major_code",
        "专业代码",
        "专业代码 学科代码 专业码 专业编码 录取专业代码 招生专业代码 学科专业代码 ZYDM ZYM LQZYDM MAJORCODE",
        hint="(专业|学科).*(代码|代号|编号|码)",
    ),
    _element(
        "major_name",
        "专业",
        "专业名称 专业 学科/专业类别 录取专业 录取专业名称 所学专业 学科专业 专业类别 就读专业 ZYMC ZY LQZYMC MAJOR MAJORNAME",
        hint="专业",
        never="技术|代码|代号|编号|码$|职务|院系",
    ),
    _element(
        "title",
        "职称",
        "职称 专业技术职务 专业技术职称 职称名称 专业技术资格 技术职务 现任专业技术职务 ZC ZYJSZW ZYJSZWM TITLE",
        hint="职称|专业技术职务|技术资格",
        never="时间|日期|等级|级别",
    ),
    _element(
        "bank_account",
        "银行账号",
        "银行账号 银行卡号 银行帐号 中行卡号 工行卡号 建行卡号 农行卡号 助学金卡号 工资卡号 收款账号 账户 卡号 账号"
        " YHZH YHKH BANKACCOUNT ACCOUNT BANKNO",
        hint="银行.*[账帐卡]|行卡号|金卡号|资卡号|收款账",
        never="开户行|银行名",
    ),
    _element(
        "dorm_place",
        "房间床位",
        "房间床位 宿舍 床位编号 住宿地点 宿舍床位 住宿 寝室 宿舍号 宿舍编号 床位号 住宿床位 房间号 房间 寝室号 SSH FJH",
        hint="宿舍|寝室|房间|床位|住宿",
        never="电话|费|日期|时间|类",
    ),
    _element("dorm_bed_no", "床位", "床位 床号 床 铺位 CWH CW BED"),
    _element(
        "dorm_building", "楼栋", "楼栋 楼号 公寓 公寓楼 宿舍楼 楼 LDH BUILDING", hint="楼栋|楼号|公寓楼"
    ),
    _element(
        "class_name",
        "班级",
        "班级 所在班级 行政班 行政班级 班级名称 专业班级 BJ BJMC BH CLASS CLASSNAME",
        hint="班级|行政班|班$",
    ),
    _element(
        "level",
        "层次",
        "层次 培养层次 学历层次 在校层次 学生层次 攻读层次 PYCC CC LEVEL",
        hint="层次",
        never="困难",
    ),
    _element(
        "category",
        "人员类别",
        "类别 人员类别 收款人类别 读者类型 持卡人类型 卡类型 身份类别 学生类别 人员类型 身份 用户类型 卡类别 类型 IDTYPE"
        " CARDTYPE RYLB RYLX KLX DZLX USERTYPE",
        hint="(人员|读者|收款人|身份|卡|用户|持卡人).*(类别|类型)",
        never="证件|岗位|编制|困难",
    ),
    _element("grade_year", "年级", "年级 所在年级 入学年级 NJ SZNJ GRADE", hint="年级"),
    _element(
        "entry",
        "入学或来校时间",
        "入学年月 入学时间 入学日期 来校时间 来校年月 进校时间 入校时间 到校时间 来校日期 入职时间 报到时间 RXNY RXRQ LXRQ LXNY",
        hint="入学.*(时间|日期|年)|来校|入校|进校|入职",
    ),
    _element(
        "leave",
        "毕业年份",
        "毕业年份 毕业时间 毕业年月 毕业届别 届别 离校时间 离校年份 毕业年 BYNF BYNY BYRQ",
        hint="毕业年|毕业时间|届|离校",
    ),
    _element(
        "recorded",
        "登记日期",
        "提交时间 录入日期 办证日期 入住日期 登记日期 登记时间 填报时间 录入时间 建档日期 开户日期 创建时间 更新时间 OPENDATE"
        " BZRQ LRRQ CREATED CREATEDATE REGDATE",
        hint="提交时间|录入|办证|入住日期|登记|创建",
    ),
    _element(
        "expires",
        "有效期",
        "有效期 有效期至 失效日期 到期日期 截止日期 有效日期 EXPDATE YXQ EXPIRE VALIDTO",
        hint="有效期|失效|到期",
    ),
    _element(
        "status",
        "状态",
        "状态 学籍状态 人员状态 当前状态 在校状态 报到状态 报到情况 在职状态 在岗状态 ZT XJZT DQZTM BDZT RYZT STATUS STATE",
        hint="状态|报到情况",
        never="婚姻|健康|困难",
    ),
    _element("remark", "备注", "备注 说明 备考 备 BZ REMARK MEMO NOTE", hint="备注"),
    _element(
        "post_kind", "编制类别", "编制类别 用工形式 用工性质 编制 编制类型 聘用类型 BZLB", hint="编制|用工"
    ),
)

BY_NAME = {element.name: element for element in ELEMENTS}
KEYS = frozenset(element.name for element in ELEMENTS if element.key)
RAW_NAMES = tuple(element.name for element in ELEMENTS)

_BRACKETED = re.compile(r"[（(\[【].*?[)）\]】]")
_PUNCTUATION = re.compile(r"[\s*＊:：、，,。.·_\-—\"'“”]+")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


@lru_cache(maxsize=20_000)
def header_key(header: str) -> str:
    """A header as compared: half width, upper case, without blanks, marks and bracketed remarks."""
    text = header.translate(_FULL_WIDTH).upper()
    bare = _PUNCTUATION.sub("", _BRACKETED.sub("", text))
    return bare or _PUNCTUATION.sub("", text)


_EXACT: dict[str, set[str]] = {}
for _known in ELEMENTS:
    for _header in _known.headers:
        _EXACT.setdefault(header_key(_header), set()).add(_known.name)

# Joins the label of a merged header with the one below it.
BELOW = "›"


def header_score(header: str, element: Element) -> float:
    """How surely the header alone names the element: 1 if known, less for a hint, -1 if ruled out."""
    above, _, own = header.rpartition(BELOW)
    key, over = header_key(own), header_key(above)
    whole = over + _PUNCTUATION.sub("", own.translate(_FULL_WIDTH).upper())
    exact = element.name in _EXACT.get(key, ()) or element.name in _EXACT.get(over + key, ())
    # A known header is believed, unless what stands above it or in its brackets speaks of something else.
    beside = whole.replace(key, "", 1) if exact else whole
    if element.never and re.search(element.never, beside):
        return -1.0
    if exact:
        return 1.0
    return 0.6 if key and element.hint and re.search(element.hint, whole) else 0.0


@lru_cache(maxsize=20_000)
def is_known_header(header: str) -> bool:
    """Does the text name any element, surely or by a hint?"""
    return any(header_score(header, element) > 0.5 for element in ELEMENTS)
