invitation-scan = Dùng máy ảnh của điện thoại quét mã này, rồi bấm nút trên trang vừa mở:
invitation-qr = Địa chỉ và mã của lời mời
join-from-code = Mã mời của bạn đã được điền sẵn. Hãy bấm nút.
changes-title = Thay đổi thông tin đăng ký
changes-link = Đổi tên, địa chỉ hoặc số điện thoại
changes-intro = Địa điểm của bạn đã được duyệt: cán bộ y tế xem từng thay đổi trước khi có hiệu lực. Áp phích, tài khoản và khóa vẫn dùng được. Nếu tên hoặc địa chỉ thay đổi, sau đó hãy in lại áp phích.
changes-phone-hint = Nếu đổi số, trước hết một mã được gửi đến số mới. Đây cũng là tên đăng nhập của bạn.
changes-send = Đề nghị thay đổi
changes-none = Chưa có gì thay đổi. Hãy sửa một ô, hoặc quay lại.
changes-waiting = Có một thay đổi đang chờ cán bộ y tế.
changes-waiting-since = Đề nghị lúc { $time }
changes-withdraw = Rút lại
changes-again = Đề nghị mới thay cho đề nghị đang chờ.
changes-refused = Cán bộ y tế đã từ chối thay đổi gần nhất: { $reason }
changes-confirm-title = Xác nhận số điện thoại mới
changes-confirm-progress = Trước khi cán bộ y tế xem thay đổi
changes-phone-taken = Số này đã có tài khoản. Hãy dùng số khác.
done-changes-sent = Thay đổi đang chờ cán bộ y tế. Cho đến lúc đó mọi thông tin giữ nguyên.
done-changes-withdrawn = Đã rút lại thay đổi.
done-changes-old = Thay đổi không được xác nhận kịp thời. Hãy điền lại.
done-change-approved = Thay đổi đã có hiệu lực.
done-change-refused = Đã từ chối thay đổi. Địa điểm sẽ đọc được lý do.
staff-changes = Thay đổi
staff-changes-count =
    { $count ->
    [0] Không có thay đổi nào của địa điểm đã duyệt đang chờ.
   *[other] Có { $count } thay đổi của địa điểm đã duyệt đang chờ.
}
staff-change-title = Thay đổi của { $venue }
staff-change-of = { $name } đề nghị lúc { $time }
staff-change-now = Hiện nay
staff-change-new = Đề nghị
staff-change-phone-confirmed = Số mới đã được xác nhận bằng mã.
staff-change-approve = Duyệt thay đổi
staff-change-refuse = Từ chối thay đổi
staff-change-name-hint = Hãy xem đây có còn là địa điểm cũ không: các lượt đến vẫn thuộc về địa điểm này.
change-field-name = Tên
change-field-kind = Loại địa điểm
change-field-ward = Xã, phường, đặc khu
change-field-street = Số nhà, đường
change-field-registrant = Người đăng ký
change-field-phone = Số điện thoại
audit-change-proposed = Đề nghị thay đổi thông tin đăng ký
audit-change-withdrawn = Rút lại thay đổi thông tin đăng ký
audit-change-approved = Duyệt thay đổi thông tin đăng ký
audit-change-refused = Từ chối thay đổi thông tin đăng ký
