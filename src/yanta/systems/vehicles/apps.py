from yanta.kernel.base import System


class VehiclesConfig(System):
    name = "yanta.systems.vehicles"
    title = "公车"
    area = "后勤"
    owner = "后勤处"
    icon = "car"
    summary = "约车、派车、出车登记：同一辆车、同一位司机不会派给两家，同路的可以拼车，里程和油费记到单位"
