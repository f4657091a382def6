portal-name = Vung Xanh
