# Ghi nhận đến và đi tại các địa điểm.

help-checkin = Ghi nhận lượt đến một địa điểm bằng mã QR trên áp phích: địa chỉ, ảnh chụp hoặc camera (không cần mạng)
usage-of-checkin = vungxanh checkin [TÙY CHỌN] <ĐỊA_CHỈ | - | --image TỆP | --camera[=THIẾT_BỊ]>
help-checkin-code = Nội dung mã QR: https://HOST/v#... (hoặc - để đọc từ đầu vào chuẩn)
help-checkin-image = Ảnh chụp mã QR (PNG hoặc JPEG)
help-checkin-camera = Đọc mã QR bằng camera (cần zbarcam; mặc định: /dev/video0)
help-checkin-companions = Máy này đại diện cho thêm bao nhiêu người đi cùng
help-checkout = Ghi nhận rời đi: lượt đến được niêm phong ngay
help-extend = Ở lại lâu hơn
help-extend-minutes = Thêm bao nhiêu phút (mặc định: bằng thời gian khách thường ở lại đó)
help-visits = Xem lượt đến đang mở (các lượt đã kết thúc thì niêm phong, kể cả với bạn)

checkin-done = Đã ghi nhận lượt đến.
checkin-extended = Lượt đến của bạn ở đây đã được ghi nhận từ trước và nay được kéo dài.
checkin-ended-another = Trước đó bạn còn lượt đến ở nơi khác: lượt ấy đã kết thúc và được niêm phong.
checkin-what-next = Khi rời đi: vungxanh checkout. Muốn ở lâu hơn: vungxanh extend. Nếu máy khởi động lại, hãy quét mã lần nữa.
checkin-clock = Đồng hồ của máy này hiện không đáng tin cậy: cảnh báo có thể bỏ sót lượt đến này. Hãy chỉnh đồng hồ.
checkin-camera = Hãy đưa mã QR ra trước camera ...
checkin-camera-other = Mã này không phải mã trên áp phích của một địa điểm: { $found }. Hãy đưa áp phích ra trước camera ...
visit-open = Bạn đang ở: { $venue }
visit-times = Từ { $since }; tự kết thúc lúc { $until }
visit-companions = Cho bạn và { $companions } người nữa
visit-shares-in-advance = Địa điểm này đã trao trước phần khóa của mình: một mình cơ quan y tế cũng cảnh báo được cho khách, và nếu có máy của bạn trong tay thì đọc được lượt đến này.
checkout-done = Đã ghi nhận bạn rời đi lúc { $time }. Lượt đến được niêm phong trong { $days } ngày; trên máy này không ai đọc hay đếm được nữa.
checkout-automatic = Lượt đến đã tự kết thúc lúc { $time }. Lượt đó được niêm phong trong { $days } ngày.
extend-done = Lượt đến nay sẽ tự kết thúc lúc { $time }.
visits-none-open = Hiện bạn chưa ghi nhận ở địa điểm nào.
visits-sealed = Các lượt đến trong { $days } ngày qua đã được niêm phong. Máy này không đọc được và cũng không biết có lượt nào hay không; cảnh báo vẫn tìm ra chúng.

failure-checkin-what = Hãy cho biết địa chỉ trong mã QR, hoặc - để đọc từ đầu vào chuẩn, hoặc --image TỆP, hoặc --camera.
failure-no-visit = Hiện bạn chưa ghi nhận ở địa điểm nào.
failure-longest-stay = Một lượt đến chỉ được ghi tối đa 24 giờ. Hãy ghi nhận rời đi rồi quét mã lần nữa.
failure-display-ends = Mã mà bạn đã quét trên màn hình không dùng được lâu hơn nữa. Hãy quét mã mới.
failure-display-stale = Đây không phải là mã mà màn hình đang hiện. Hãy quét lại; nếu vẫn vậy thì đồng hồ của màn hình hoặc của máy này bị sai.
failure-display-only-poster = Đây là tờ in: hãy quét mã trên màn hình.
failure-hour-full = Trong một giờ chỉ giữ được bốn lượt đến. Lượt này CHƯA được ghi nhận; nếu muốn nhớ, hãy tự ghi ra giấy.
failure-poster-not-ours = Mã này không do cơ quan y tế của bạn cấp, hoặc đã bị sửa. Đừng dùng; hãy báo cho địa điểm. ({ $detail })
failure-poster-expired = Áp phích này đã hết hạn. Hãy xin địa điểm cho xem áp phích mới.
failure-poster-not-yet-valid = Áp phích này chưa có hiệu lực. Ngày giờ trên máy có đúng không?
failure-poster-newer = Áp phích này mới hơn chương trình. Hãy cài bản vungxanh mới hơn. ({ $detail })
failure-poster-unreadable = Đây không phải là mã trên áp phích của một địa điểm. Hãy chép hoặc chụp lại trọn mã. ({ $detail })
failure-no-file = Không có tệp { $file }. Hãy kiểm tra tên.
failure-no-picture = { $file } không phải là ảnh PNG hay JPEG đọc được ({ $detail }). Hãy chụp ảnh khác.
failure-picture-too-large = { $file } lớn hơn 32 MiB. Hãy thu nhỏ ảnh.
failure-code-of-no-poster = Mã QR trong { $file } không phải mã trên áp phích của một địa điểm. Nội dung của mã: { $found }
failure-no-code-found = Không tìm thấy mã QR nào trong { $file }. Hãy chụp gần hơn, thẳng từ phía trước, lấy trọn mã.
failure-no-camera-program = Camera được đọc bằng "zbarcam", mà máy này chưa cài (Debian: apt install zbar-tools). Hoặc hãy chụp ảnh rồi dùng --image TỆP.
failure-no-camera = Không có camera { $device }. Hãy cắm camera, chọn camera khác bằng --camera=/dev/video1, hoặc chụp ảnh rồi dùng --image TỆP.
failure-camera-no-poster = Camera thấy mã QR, nhưng không có mã nào trên áp phích của một địa điểm.
failure-camera = Không đọc được mã nào từ camera ({ $detail }). Hãy chọn camera khác bằng --camera=/dev/video1, hoặc chụp ảnh rồi dùng --image TỆP.

problem-check-ins = Không niêm phong hoặc lưu được các lượt đến: { $detail }. Chương trình sẽ tự thử lại.
problem-check-ins-damaged = Tệp các lượt đến đã niêm phong bị hỏng và được chuyển sang { $detail }. Các lượt trước đó đã mất: sẽ không tìm được cảnh báo về chúng.

event-checked-in = Đã ghi nhận lượt đến; tự kết thúc lúc { $time }. Lâu hơn: vungxanh extend
event-visit-ends-soon = Lượt đến của bạn sẽ tự kết thúc lúc { $time }. Bạn còn ở đó? vungxanh extend
event-checked-out = Đã ghi nhận bạn rời đi lúc { $time }.
event-checked-out-by-itself = Lượt đến của bạn đã tự kết thúc lúc { $time }. Bạn còn ở đó? Hãy quét áp phích lần nữa.
event-check-ins-began-anew = Máy này vừa khởi động lại. Nếu lúc đó bạn có lượt đến đang mở thì lượt ấy đã mất phần từ đầu giờ cuối cùng: hãy quét mã lần nữa.
status-visit = Lượt đến đang mở tới

exposures-venue = Tại địa điểm
exposures-at-venue = { $venue }: có người bệnh ở đó, hoặc vừa rời đi, từ { $from } đến { $until } khi bạn cũng có mặt ({ $duration }).
exposures-companions = Hãy báo cho cả { $companions } người đi cùng bạn.
exposures-words = Cơ quan y tế: { $text }
status-warnings = Số đợt cảnh báo đã kiểm tra

# Nhật ký riêng
help-diary = Giữ nhật ký riêng về những nơi đã đến, bằng cụm mật khẩu của bạn (mặc định là tắt)
help-diary-on = Từ nay giữ lại các lượt đến đã kết thúc, chỉ đọc được bằng cụm mật khẩu
help-diary-off = Không giữ thêm lượt đến nào; những gì đã có trong nhật ký vẫn còn đến khi hết hạn
help-diary-show = Xem các lượt đến trong nhật ký
help-diary-disclose = Chọn từng lượt đến để báo cho cán bộ y tế
help-diary-visit = Số của lượt đến trong "vungxanh diary show" (có thể lặp lại; mặc định: hỏi)
help-diary-qr = Vẽ mã QR trên màn hình này để cán bộ quét, thay cho các dòng chữ
help-diary-remove = Xóa hẳn các lượt đến khỏi nhật ký
help-diary-forget = Hủy nhật ký
diary-is-on = Nhật ký đang bật: các lượt đến kết thúc từ bây giờ được giữ trong đó, chỉ đọc được bằng cụm mật khẩu của bạn. Quên cụm mật khẩu thì không ai lấy lại được.
diary-is-off = Nhật ký đã tắt. Những gì đã có trong đó vẫn còn đến khi hết hạn; muốn hủy: vungxanh diary forget
diary-forgotten = Nhật ký đã bị hủy và đã tắt.
diary-empty = Trong nhật ký không có lượt đến nào.
diary-venue = Địa điểm
diary-companions = Đi cùng
diary-disclose-this = Báo cho cơ quan y tế về { $venue }, từ { $from } đến { $until }? [c/K]
diary-disclose-how = Hãy đọc những dòng này cho cán bộ, hoặc dán vào nơi họ chỉ. Chúng nêu địa điểm và thời gian, không nêu bạn là ai. Chưa có gì được gửi đi.
diary-disclose-qr-how = Hãy để cán bộ quét mã trên màn hình này. Mã nêu địa điểm và thời gian, không nêu bạn là ai. Chưa có gì được gửi đi.
diary-remove-this = Xóa { $venue }, từ { $from } đến { $until }, khỏi nhật ký? Đã xóa thì không ai lấy lại được. [c/K]
diary-removed = { $count ->
    [0] Trong nhật ký không còn lượt đến này.
   *[other] Đã xóa { $count } lượt đến khỏi nhật ký. Lượt đến đã niêm phong vẫn còn để cảnh báo tìm ra; ở đó không ai đọc được.
}
failure-diary-none-removed = Chưa chọn lượt đến nào. Không xóa gì.
visits-diary-on = Nhật ký riêng đang bật: vungxanh diary show
visits-diary-off = Có nhật ký riêng nhưng đang tắt: vungxanh diary show
failure-no-diary = Chưa có nhật ký nào. Để bắt đầu: vungxanh diary on
failure-diary-passphrase = Đây không phải là cụm mật khẩu của nhật ký. Hãy thử lại; nếu đã quên thì chỉ còn cách "vungxanh diary forget", và những gì trong nhật ký sẽ mất.
failure-diary-which = Không thể hỏi ở đây. Hãy nêu các lượt đến: --visit N (số trong "vungxanh diary show").
failure-diary-no-such-visit = Trong nhật ký không có lượt đến số { $number }. Các số là số trong "vungxanh diary show".
failure-diary-none-chosen = Chưa chọn lượt đến nào. Không báo gì cho ai.
failure-diary-line = Đây không phải là dòng mô tả một lượt đến. Hãy lấy đúng như "vungxanh diary disclose" in ra.
problem-diary-damaged = Nhật ký riêng bị hỏng và được chuyển sang { $detail }. Để bắt đầu nhật ký mới: vungxanh diary on
