portal-name = Vùng Xanh
