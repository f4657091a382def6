# Trang riêng: công bố sau khi có kết quả dương tính.

web-nav-report = Kết quả dương tính
web-home-report = Bạn có kết quả dương tính?
web-home-report-text = Với mã kèm theo kết quả, bạn có thể báo cho những người đã ở gần bạn mà họ không biết bạn là ai.
web-home-report-open = Công bố kết quả
web-report-title = Công bố kết quả dương tính
web-report-intro = Các máy từng ở gần máy bạn tự so những gì được công bố với những gì chúng đã ghi nhận, rồi báo cho chủ máy. Qua đó không ai biết tên bạn.
web-report-code = Mã xác nhận
web-report-code-hint = 8 chữ số, hoặc 16 chữ cái và chữ số. Không phân biệt chữ hoa, dấu cách, gạch nối.
web-report-look = Xem những gì sẽ gửi
web-report-nothing-yet = Chưa gửi gì cả: trang sau cho xem chính xác những gì sẽ gửi, và bạn chọn những gì muốn loại ra.
web-report-no-code = Chưa có mã? Cơ quan y tế đưa mã cùng với kết quả: trực tiếp, qua điện thoại hoặc bằng tin nhắn.
web-report-unfinished = Có một lần công bố chưa xong
web-report-unfinished-unsent = Chưa có gì được công bố. Mã và những gì bạn đã chọn được lưu trên máy này, tắt máy cũng không mất. Máy không tự gửi lại: khi có mạng, hãy bấm “Tiếp tục”.
web-report-unfinished-sent = Các khóa đã được gửi nhưng chưa nhận được trả lời, nên có thể đã được công bố. Bấm “Tiếp tục” để biết chắc và hoàn tất; không có gì được công bố hai lần. Không đổi được những gì đã chọn nữa.
web-report-unfinished-periods = Sẽ công bố: { $published } khoảng thời gian.
web-report-unfinished-which = Những khoảng nào
web-report-published-days = Sẽ công bố
web-report-left-out-days = Loại ra
web-report-column-periods = Khoảng thời gian
web-report-continue = Tiếp tục
web-report-another = Dùng mã khác
web-report-another-text = Nếu mã đã hết hạn, hãy nhập mã mới mà cơ quan y tế cấp cho bạn.

# Những gì sẽ gửi
web-report-choice-title = Những gì sẽ gửi
web-report-not-sent-yet = Chưa gửi gì cả.
web-report-sent = Gửi cho cơ quan y tế
web-report-sent-code = Trước hết là mã xác nhận, để cơ quan y tế biết kết quả của bạn là thật.
web-report-sent-keys = Khóa của { $periods } khoảng thời gian, trừ những khoảng bạn loại ra: mỗi khóa là một số ngẫu nhiên, kèm lúc bắt đầu dùng và dùng trong bao lâu. Không có gì khác.
web-report-sent-result = Những gì chính cơ quan y tế đã ghi cùng với mã: loại kết quả, và ngày có triệu chứng đầu tiên nếu bạn đã cho biết.
web-report-sent-then = Cơ quan y tế công bố các khóa cùng với khóa của người khác sau khi khóa cuối cùng hết hạn dùng, không kèm mã.
web-report-kept = Không gửi
web-report-kept-who = Bạn là ai: không có tên, số điện thoại hay địa chỉ.
web-report-kept-others = Ai đã ở gần bạn: điều đó chỉ có trên máy này.
web-report-kept-places = Bạn đã ở đâu: không có địa điểm, lượt đến, nhật ký hay tờ khai y tế nào.
web-report-network = Như với mọi trang trên mạng, máy chủ thấy địa chỉ mạng mà bạn gửi từ đó. Thỉnh thoảng mọi máy đều gửi lượt ngụy trang, nên nhìn vào mạng không ai biết máy nào đã công bố thật.
web-report-leave-out = Loại ra khoảng thời gian
web-report-leave-out-text = Bạn không bắt buộc phải loại ra khoảng nào. Ai ở gần bạn trong khoảng bạn đánh dấu thì không được báo.
web-report-leave-out-one = Loại ra
web-report-whole-day = Cả ngày
web-report-next = Tiếp theo
web-report-changed = Vừa có khoảng thời gian mới bắt đầu hoặc có khoảng hết hạn. Hãy xem lại danh sách; những gì bạn đã đánh dấu vẫn còn.
web-report-all-left-out = Bạn đã loại ra mọi khoảng nên không còn gì để công bố. Hãy bỏ bớt dấu.
web-report-sure-title = Công bố khóa của { $published } khoảng thời gian?
web-report-sure-left-out =
    { $left_out ->
    [0] Không loại ra khoảng nào.
   *[other] Loại ra { $left_out } khoảng.
}
web-report-sure-once = Mã chỉ dùng được cho một lần công bố. Những gì đã công bố thì không rút lại được từ máy này.
web-report-sure-end = Máy này ngừng dùng các khóa đó ngay và chuyển sang khóa mới, để không ai nhận ra máy qua những gì đã công bố.
web-report-sure = Công bố

# Kết quả
web-report-under-way = Đang gửi
web-report-under-way-text = Có thể mất đến một phút. Trang tự hiện kết quả.
web-report-under-way-leave = Bạn có thể rời trang này: máy vẫn tiếp tục gửi, và mục “Kết quả dương tính” trong danh mục cho biết đến đâu rồi.
web-report-under-way-look = Xem đến đâu rồi
web-report-done = Đã công bố
web-report-done-periods = Cơ quan y tế đã nhận khóa của { $published } khoảng thời gian.
web-report-done-expected = Các máy khác nhận được chậm nhất lúc { $time }.
web-report-done-next = Bạn không cần làm gì thêm ở đây. Mã đã được dùng. Hãy làm theo hướng dẫn của cơ quan y tế.
web-report-failed = Chưa công bố được
web-report-failed-nothing = Chưa có gì được công bố, các khóa của bạn vẫn như trước.
web-report-retype = Nhập lại mã
web-failure-code-too-many = Thử quá nhiều lần. Hãy chờ vài phút rồi bấm “Tiếp tục”.
web-report-failure-unreachable = Không kết nối được với máy chủ của cơ quan y tế. Hãy kiểm tra mạng.
web-report-failure-authority-answer = Máy chủ của cơ quan y tế trả lời nhưng không dùng được câu trả lời. Hãy thử lại sau.
web-report-failure-store-sync = Máy này không lưu hoặc không đọc được việc công bố đã đến đâu. Hãy dọn bớt ổ đĩa cho có chỗ trống rồi thử lại.
web-report-failure-publication-refused = Máy chủ của cơ quan y tế từ chối các khóa. Hãy xin cơ quan y tế mã mới.
