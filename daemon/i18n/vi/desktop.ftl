# Thông báo trên màn hình. Người khác có thể nhìn thấy: không nêu ngày, địa điểm hay mức nguy cơ. Không dùng < > &.
# Dòng đầu nêu tên chương trình: nhiều nơi không hiện tên riêng.

help-run-no-notifications = Không hiện thông báo trên màn hình
help-doctor-no-notifications = Không xem thông báo trên màn hình có hiện được không

notice-program = Vùng Xanh
notice-exposure = Vùng Xanh: có thể bạn đã bị phơi nhiễm
notice-exposure-body = Để biết chi tiết và việc cần làm, hãy mở cửa sổ dòng lệnh và chạy: vungxanh exposures
notice-not-tracing = Vùng Xanh: truy vết hiện không hoạt động
notice-not-enrolled-body = Chưa chọn cơ quan y tế. Hãy chọn bằng lệnh: vungxanh enroll
notice-authority-expired-body = Tài liệu của cơ quan y tế đã hết hạn và chưa tải được bản mới. Hãy kiểm tra mạng. Chi tiết: vungxanh status
notice-radio-off-body = Bluetooth đang tắt. Hãy bật lại.
notice-radio-missing-body = Không tìm thấy bộ Bluetooth. Cách khắc phục: vungxanh doctor
notice-radio-failed-body = Bluetooth không hoạt động. Cách khắc phục: vungxanh doctor
notice-store-body = Không lưu được gì, có lẽ vì hết chỗ trên đĩa. Chi tiết: vungxanh status
notice-clock = Vùng Xanh: đồng hồ của máy này không đáng tin cậy
notice-clock-body = Khi đồng hồ chưa được xác nhận, những lần ở gần người khác không được tính. Hãy chỉnh lại giờ và kiểm tra mạng.
notice-sync = Vùng Xanh: không nhận được cảnh báo mới
notice-sync-body = Đã một ngày không liên lạc được với cơ quan y tế. Hãy kiểm tra mạng. Chi tiết: vungxanh status
notice-check-ins = Vùng Xanh: không lưu được các lượt đến
notice-check-ins-body = Cảnh báo có thể bỏ sót những nơi bạn đến lúc này. Chi tiết: vungxanh status
notice-declaration = Vùng Xanh: có tờ khai chưa gửi được
notice-declaration-body = Chưa ai đọc tờ khai đó. Xem là tờ nào và khai lại: vungxanh declarations
notice-declaration-keys = Vùng Xanh: khóa của tờ khai mâu thuẫn nhau
notice-declaration-keys-body = Máy không dùng các khóa đó. Hãy báo cho cơ quan y tế. Chi tiết: vungxanh status
notice-visit-ends-soon = Vùng Xanh: lượt đến tự kết thúc lúc { $time }
notice-visit-ends-soon-body = Bạn còn ở lại? Hãy quét mã lần nữa, hoặc chạy: vungxanh extend
notice-visit-ended = Vùng Xanh: lượt đến đã tự kết thúc lúc { $time }
notice-visit-ended-body = Bạn còn ở đó? Hãy quét mã lần nữa.

doctor-notifications = Thông báo trên màn hình do { $detail } hiện.
doctor-notifications-on-demand = Chương trình hiện thông báo trên màn hình sẽ được khởi động khi cần.
doctor-no-session-bus = Không có bus phiên làm việc ({ $detail }): sẽ không có thông báo nào hiện trên màn hình. Hãy cài dbus-user-session rồi đăng nhập lại, và chạy dịch vụ nền bằng systemctl --user.
doctor-no-notifications = Không có chương trình nào hiện thông báo trên màn hình: chỉ còn "vungxanh exposures" và "vungxanh status" cho biết. Nếu máy này có màn hình, hãy cài một chương trình như vậy, ví dụ: apt install dunst
doctor-notifications-fail = Chương trình hiện thông báo trên màn hình không trả lời ({ $detail }). Hãy đăng xuất rồi đăng nhập lại.
