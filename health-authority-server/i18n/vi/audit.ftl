# Nhật ký thao tác: tìm mục, chuỗi liên kết

audit-entries = Các mục
audit-from = Từ ngày
audit-until = Đến hết ngày
audit-actor = Người thực hiện (tên đăng nhập hoặc họ tên)
audit-any = Tất cả
audit-kind = Loại đối tượng
audit-kind-account = Tài khoản
audit-kind-api-key = Khóa API
audit-kind-venue = Địa điểm
audit-kind-unit = Khu vực
audit-kind-poster = Áp phích
audit-kind-code = Mã xác nhận
audit-kind-document = Tài liệu của cơ quan y tế
audit-kind-export-key = Khóa ký tệp
audit-kind-venue-key = Khóa cho địa điểm
audit-kind-intake-key = Khóa tờ khai
audit-kind-period = Chu kỳ công bố
audit-kind-request = Yêu cầu
audit-number = Số
audit-detail = Chi tiết
audit-search = Tìm
audit-all = Xem tất cả các mục
audit-none = Không có mục nào
audit-csv = Tải các mục này (CSV)
audit-csv-more = Còn hơn { $limit } mục. Hãy tìm trong ít ngày hơn.
audit-day-unreadable = Hãy ghi ngày theo dạng 2026-11-30.
audit-days-reversed = Ngày cuối đứng trước ngày đầu. Hãy sửa một trong hai ngày.
audit-actor-unreadable = Tên quá dài hoặc có ký tự ẩn. Hãy gõ lại.
audit-choose = Hãy chọn một mục trong danh sách.
audit-kind-needed = Hãy chọn loại đối tượng của số này.
audit-number-unreadable = Số chỉ gồm các chữ số.

audit-chain = Chống sửa đổi
audit-chain-intro = Mỗi mục mang mã băm của mục đứng trước, nên không ai sửa, xóa hay chèn một mục mà không bị phát hiện, miễn là mã băm mới nhất còn được giữ ở nơi khác. Hãy in định kỳ và cất ở nơi người quản trị cơ sở dữ liệu không tiếp cận được.
audit-entry = Mục { $number }
audit-head = Mục mới nhất
audit-hash = Mã băm
audit-print-head = In mã băm mới nhất
audit-check = Kiểm tra chuỗi liên kết
audit-head-title = Mục mới nhất của nhật ký thao tác
audit-head-intro = Hãy in trang này và cất ở nơi mà không ai làm việc trên máy chủ tiếp cận được. Nhờ đó, về sau có thể chứng minh rằng không mục nào từ đầu đến mục này đã bị sửa.
audit-head-qr = Mã QR của mục mới nhất trong nhật ký thao tác
audit-head-line = Khi kiểm tra, hãy gõ dòng này hoặc dán từ mã QR:
audit-head-signed = Người in, ngày in, chữ ký:
audit-asked-head = Mã băm đã ghi lại trước đây (không bắt buộc)
audit-asked-head-hint = Cả dòng: số, thời điểm và mã băm, như trên bản in hoặc trong nhật ký vận hành
audit-head-unreadable = Không đọc được. Hãy gõ cả dòng: vxa1, số, thời điểm và đủ 64 ký tự của mã băm.
audit-check-again = Kiểm tra
audit-check-means = Việc kiểm tra cho biết các mục có khớp với nhau không. Người ghi được vào cơ sở dữ liệu có thể đã viết lại toàn bộ: chỉ khi so với một mã băm giữ ở nơi khác mới loại trừ được điều đó, đối với các mục từ đầu đến mục ấy.
audit-whole =
    { $entries ->
        [0] Nhật ký chưa có mục nào.
       *[other] Chuỗi liên kết nguyên vẹn: đã kiểm tra { $entries } mục.
    }
audit-not-whole = Nhật ký đã bị thay đổi bên ngoài chương trình này:
audit-more-faults = và { $number } lỗi nữa.
audit-fault-changed = Mục { $entry } đã bị sửa.
audit-fault-moved = Mục ở số { $entry } trước đây là số { $other }: thứ tự các mục đã bị đổi.
audit-fault-missing = Giữa mục { $entry } và mục { $other } đã có mục bị xóa, hoặc mục { $entry } đã bị thay.
audit-fault-replaced = Mục { $entry } đã bị thay bằng mục khác.
audit-fault-not-chained = Mục { $entry } đã bị chèn vào.
audit-fault-cut-off = Phần cuối đã bị xóa: mục cuối là { $entry }, trong khi đã từng có đến mục { $other }.
audit-fault-past-end = Mục { $entry } và các mục sau đó đã bị chèn vào sau phần cuối.
audit-compared-continues = Nhật ký nối tiếp đúng mã băm đã ghi lại: từ đó đến nay, không mục nào từ đầu đến mục { $number } bị sửa.
audit-compared-cut-off = Nhật ký không còn đến mục đã ghi lại: các mục đến số { $number } đã bị xóa, hoặc đã khôi phục một bản sao lưu cũ hơn.
audit-compared-deleted = Mục đã ghi lại, số { $number }, đã bị xóa.
audit-compared-rewritten = Mục đã ghi lại, số { $number }, nay là mục khác: nhật ký đã bị viết lại tại mục này hoặc trước đó.
audit-head-is = Mục mới nhất: số { $number }, { $time }
error-audit = nhật ký thao tác đã bị thay đổi bên ngoài chương trình này, hoặc không nối tiếp mã băm đã cho
error-audit-empty = nhật ký chưa có mục nào
error-audit-head = đây không phải mã băm cuối của nhật ký thao tác, cũng không phải tệp chứa mã đó
help-audit = Nhật ký thao tác dưới dạng chuỗi liên kết
help-audit-verify = Kiểm tra rằng không mục nào bị sửa, xóa, đổi thứ tự hay chèn vào
help-audit-verify-head = Dòng đã ghi lại trước đây, hoặc tệp chứa dòng đó: backup.json của bản sao lưu, hoặc kết quả của lệnh audit head
help-audit-head = In số, thời điểm và mã băm của mục mới nhất, để giữ ở nơi khác
