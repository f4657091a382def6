# Cảnh báo trên trang ghi nhận lượt đến và trang khai báo. Mã dành cho tập lệnh bắt đầu bằng page-warned-.

warned-title = Bạn đã có mặt ở nơi có người bệnh
warned-go-on = Thử lại
warned-set-aside-title = Cảnh báo đã bỏ qua
warned-set-aside-text = Cơ quan y tế không biết bạn đã bỏ qua. Nếu có thể ai khác đã dùng thẻ của bạn, hãy báo cho cơ quan y tế.
page-warned-overlap = { $day }, từ { $from } đến { $until } ({ $minutes } phút)
page-warned-level-none = Nguy cơ dưới mức cần báo
page-warned-level-low = Nguy cơ thấp
page-warned-level-high = Nguy cơ cao
page-warned-by-pass = Theo thẻ qua cửa đã quét của: { $list }
page-warned-was-not-there = Tôi không có mặt ở đó
page-warned-set-aside = { $venue }, { $day }: bạn cho biết không có mặt ở đó, nên cảnh báo này không được tính.
page-warned-was-there = Tôi có mặt ở đó
page-warned-warnings-checking = Đang tìm cảnh báo …
page-warned-warnings-found = Đã kiểm tra cảnh báo lúc { $time }.
page-warned-warnings-refused = Số tệp không đọc được: { $count }. Trang sẽ thử lại lần sau.
page-warned-warnings-left = Số tệp chưa đọc: { $count }.
page-warned-warnings-offline = Chưa tìm hết cảnh báo mới: không kết nối được với cơ quan y tế.
page-warned-warnings-failed = Không kiểm tra được cảnh báo: { $reason }
