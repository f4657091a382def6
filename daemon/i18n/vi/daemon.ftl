about = Truy vết tiếp xúc: báo cho bạn biết khi bạn bị phơi nhiễm, và không báo cho ai biết bạn đã gặp ai

help-profile = Thư mục hồ sơ (mặc định: thư mục dữ liệu của người dùng)
help-lang = Ngôn ngữ hiển thị
help-json = In kết quả dạng JSON ra đầu ra chuẩn
help-enroll = Chọn cơ quan y tế mà thiết bị này nhận cảnh báo
help-run = Chạy dịch vụ nền: trao đổi mã định danh và tìm phơi nhiễm
help-status = Cho biết việc truy vết có hoạt động không
help-history = Cho biết mỗi ngày lưu bao nhiêu (không bao giờ cho biết bạn đã gặp ai)
help-exposures = Cho biết những ngày bạn bị phơi nhiễm và cần làm gì
help-report = Công bố khóa của bạn sau xét nghiệm dương tính, bằng mã xác nhận
help-export = Ghi dữ liệu của bạn ra tệp niêm phong bằng cụm mật khẩu
help-import = Đọc dữ liệu của bạn từ tệp như vậy
help-forget = Hủy những gì thiết bị này đã lưu
help-keys = Xem các tệp khóa của cơ quan y tế
help-keys-show = Cho biết tệp khóa chứa gì, bất kể ai ký
help-keys-verify = Kiểm tra chữ ký của các tệp khóa
help-match = So khớp các lần ghi nhận với tệp khóa
help-air = Mô phỏng sóng giữa các thiết bị trên máy này, để thử khi không có Bluetooth
help-air-socket = Socket Unix để lắng nghe; thiết bị chọn bằng air:SOCKET#TÊN
help-air-seed = Số dùng để sinh mọi ngẫu nhiên của mô phỏng

air-ready = Sóng mô phỏng đang lắng nghe tại { $socket }. Các thiết bị trên máy này nghe được nhau khi chọn sóng air:{ $socket }#TÊN, mỗi thiết bị một TÊN khác nhau. Nhấn Ctrl-C để dừng.
failure-air = Không khởi động được sóng mô phỏng: { $detail }

failure-not-running = Dịch vụ nền không chạy: không ai trả lời tại { $socket }. Hãy chạy "vungxanh run".
failure-control = Không đọc được câu trả lời của dịch vụ nền: { $detail }
failure-runtime = Chương trình không khởi động được: { $detail }
