# Trang riêng: camera, tệp dữ liệu, một lượt trong nhật ký, thông báo, thẻ đang hiện.

web-scan-title = Quét mã
web-scan-start = Bật camera
web-scan-stop = Tắt camera
web-scan-picture = Hoặc đọc mã từ ảnh
web-scan-picture-hint = Ảnh chụp hoặc ảnh màn hình có trọn mã
web-scan-paste = Hoặc chép nội dung mã
web-scan-private = Hình từ camera chỉ ở trong trình duyệt này và không được giữ lại.
web-scan-aim = Hãy đưa mã trên áp phích hoặc màn hình vào trước camera. Đọc được mã là lượt đến được ghi nhận ngay.
web-scan-read = Đã đọc được mã. Đang ghi nhận lượt đến.
web-scan-other = Đây không phải mã trên áp phích hay màn hình của một địa điểm. Hãy tìm áp phích có chữ “Quét mã khi đến”.
web-scan-denied = Trình duyệt không được phép dùng camera. Hãy cho phép ở cạnh địa chỉ của trang này hoặc trong cài đặt của trình duyệt, rồi bật lại camera. Hoặc đọc mã từ ảnh, hoặc chép nội dung mã vào đây.
web-scan-none = Không tìm thấy camera, hoặc chương trình khác đang dùng. Hãy cắm camera hoặc đóng chương trình đó, đọc mã từ ảnh, hoặc chép nội dung mã vào đây.
web-scan-no-code = Không tìm thấy mã trong ảnh này. Hãy chụp gần hơn, thẳng từ phía trước, lấy trọn mã.
web-scan-no-picture = Không đọc được tệp này như một ảnh. Hãy chọn ảnh chụp hoặc ảnh màn hình.

web-diary-remove = Xóa
web-diary-remove-title = Xóa lượt đến này khỏi nhật ký?
web-diary-remove-text = Đã xóa thì không ai lấy lại được. Lượt đến đã niêm phong vẫn còn để cảnh báo tìm ra; ở đó không ai đọc được.
web-done-diary-visit-removed = Đã xóa lượt đến khỏi nhật ký.
web-done-diary-visit-gone = Trong nhật ký không còn lượt đến này.

web-import-title = Nhận dữ liệu từ tệp
web-import-what = Những gì có trong tệp do “Lấy bản sao dữ liệu” hoặc lệnh "vungxanh export" ghi ra được thêm vào những gì đang có ở đây. Không mất gì đang có. Cơ quan y tế đã chọn không được nhận theo.
web-import-passphrase = Cụm mật khẩu của tệp
web-import-file = Tệp
web-import-file-hint = Tên tệp kết thúc bằng .vxarchive; nhiều nhất 256 MB
web-import = Nhận dữ liệu
web-import-no-file = Hãy chọn tệp.
web-import-wrong-passphrase = Cụm mật khẩu này không mở được tệp. Hãy nhập lại và chọn lại tệp.
web-imported-title = Đã nhận dữ liệu
web-imported-added = Những gì có trong tệp đã được thêm vào những gì có ở đây.
web-imported-table = Những gì trước đây chưa có
web-imported-windows = Khoảng ở gần người bệnh
web-imported-visits = Lượt đến có cảnh báo
web-imported-too-old = Không nhận vì đã quá thời hạn lưu
web-imported-keys = Khóa lấy từ tệp dùng được để công bố khi bạn có kết quả dương tính. Máy này không phát chúng.
web-imported-authority = Cơ quan y tế không lấy từ tệp: bạn tự chọn.
web-settings-import-text = Dữ liệu từ máy khác được nhận ở trang “Dữ liệu của bạn”.
web-settings-import = Đến trang “Dữ liệu của bạn”

web-notifications-on = Đang bật
web-notifications-off = Đang tắt
web-pass-stays-open = Trong lúc hiện thẻ, trang này vẫn mở: đến khi thẻ hết hạn, nhiều nhất 12 giờ sau lần bấm cuối của bạn.
