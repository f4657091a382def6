# Trang riêng của mỗi người trên máy của mình: vungxanh open.

help-open = Mở trang riêng của bạn trong trình duyệt trên máy này
help-open-print = Chỉ in địa chỉ, không mở trình duyệt
open-done = Trang của bạn đang được mở trong trình duyệt. Trang tự đóng sau 30 phút không dùng.
open-by-hand = Không mở được trình duyệt từ đây. Trong vòng 5 phút, hãy mở địa chỉ này bằng trình duyệt trên chính máy này; địa chỉ chỉ dùng được một lần:
failure-open = Không mở được trang trên máy này: { $detail }

# Khung của mọi trang
web-name = Vùng Xanh
web-on-this-device = Trang riêng trên máy này
web-other-language = English
web-skip-to-content = Đến nội dung chính
web-navigation = Điều hướng
web-menu = Danh mục
web-foot = Trang này do chính máy của bạn hiện ra, dùng được cả khi không có mạng. Chỉ người dùng đã mở trang mới xem được; trang tự đóng sau 30 phút không dùng.
web-licences = Giấy phép của phần mềm và phông chữ
web-title-problem = Có lỗi:{" "}
web-summary-title = Có chỗ cần sửa
web-confirmation-back = Quay lại, không thay đổi gì
web-back-home = Về trang chính
web-never = chưa lần nào
web-nav-home = Trang chính
web-nav-nearby = Quanh bạn lúc này
web-nav-exposures = Phơi nhiễm
web-nav-visits = Lượt đến
web-nav-pass = Thẻ qua cửa
web-nav-history = Từng ngày
web-nav-data = Dữ liệu của bạn
web-nav-settings = Cài đặt

# Khi trang không mở được
web-closed-title = Trang này đã đóng
web-closed-text = Để mở lại, hãy chạy lệnh này trên máy này:
web-closed-why = Trang tự đóng sau 30 phút không dùng, khi dịch vụ nền dừng, và mỗi địa chỉ chỉ mở được một lần. Dữ liệu của bạn vẫn còn nguyên.
web-closed-foreign = Yêu cầu đến từ một trang khác nên đã bị từ chối; chưa có gì thay đổi. Hãy tự mở trang bằng lệnh "vungxanh open".
web-failed-title = Không thực hiện được
web-refused-old-form = Biểu mẫu này đã cũ, ví dụ vì bạn đã mở lại trang. Chưa có gì thay đổi. Hãy tải lại trang và thử lại.
web-refused-unreadable = Không đọc được nội dung gửi lên. Chưa có gì thay đổi. Hãy tải lại trang và thử lại.
web-refused-too-long = Nội dung gửi lên quá dài. Chưa có gì thay đổi.
web-refused-not-found = Không có trang này.

# Trang chính
web-home-title = Máy của bạn lúc này
web-home-tracing = Truy vết có hoạt động không?
web-tracing-works = Truy vết đang hoạt động
web-tracing-works-not = Truy vết không hoạt động
web-last-scan = Lần quét gần nhất: { $time }, phát hiện { $devices } máy.
web-no-scan-yet = Máy chưa quét lần nào kể từ khi dịch vụ nền chạy.
web-authority-last = { $name }: trao đổi gần nhất lúc { $time }.
web-authority-never = { $name }: chưa trao đổi được lần nào.
web-home-exposed = Bạn có từng ở gần người bệnh không?
web-home-level-none = Chưa thấy
web-home-level-low = Nguy cơ thấp
web-home-level-high = NGUY CƠ CAO
web-home-exposed-none = Theo những gì máy này lưu và những gì cơ quan y tế đã công bố, chưa phát hiện phơi nhiễm nào.
web-home-exposed-days = Bạn đã bị phơi nhiễm trong { $days } ngày.
web-home-exposed-more = Xem và việc cần làm
web-home-visit = Bạn đang ở địa điểm nào?
web-home-pass = Thẻ qua cửa của bạn
web-home-pass-until = Bạn có thẻ dùng đến hết ngày { $day }.
web-home-pass-show = Hiện thẻ

# Vấn đề của dịch vụ nền: chuyện gì, và cần làm gì
web-problem-detail = Hệ thống báo: { $detail }
web-problem-not-enrolled = Chưa chọn cơ quan y tế nên máy chưa truy vết.
web-problem-not-enrolled-do = Hãy chọn cơ quan y tế ở trang Cài đặt, bằng địa chỉ mà cơ quan đã công bố.
web-problem-authority-expired = Tài liệu của cơ quan y tế đã hết hạn và chưa tải được bản mới.
web-problem-authority-expired-do = Hãy kiểm tra mạng rồi bấm “Trao đổi ngay” ở trang Cài đặt. Nếu vẫn vậy, hãy hỏi cơ quan y tế.
web-problem-radio-off = Bluetooth đang tắt.
web-problem-radio-off-do = Hãy bật Bluetooth. Truy vết tự chạy lại sau đó.
web-problem-radio-missing = Không tìm thấy bộ Bluetooth.
web-problem-radio-missing-do = Hãy cắm một bộ Bluetooth. Nếu máy đã có sẵn, lệnh "vungxanh doctor" cho biết còn thiếu gì.
web-problem-broadcast-failed = Máy của bạn không phát được tín hiệu, nên các máy khác không ghi nhận được bạn.
web-problem-broadcast-failed-do = Chương trình tự thử lại. Nếu sau vài phút vẫn vậy, hãy tắt Bluetooth rồi bật lại, hoặc chạy lệnh "vungxanh doctor".
web-problem-scan-failed = Máy của bạn không phát hiện được các máy khác.
web-problem-scan-failed-do = Chương trình tự thử lại. Nếu sau vài phút vẫn vậy, hãy tắt Bluetooth rồi bật lại, hoặc chạy lệnh "vungxanh doctor".
web-problem-scan-stopped = Việc quét đã tự dừng và đang được khởi động lại.
web-problem-scan-stopped-do = Bạn chưa cần làm gì. Nếu sau vài phút vẫn vậy, hãy chạy lệnh "vungxanh doctor".
web-problem-clock = Đồng hồ của máy không đáng tin cậy, nên những gì ghi nhận được chưa được tính.
web-problem-clock-do = Hãy chỉnh lại ngày giờ của máy và kết nối mạng: giờ của cơ quan y tế sẽ xác nhận đồng hồ.
web-problem-store = Máy không lưu được các lần ở gần người khác.
web-problem-store-do = Hãy dọn bớt ổ đĩa cho có chỗ trống. Nếu ổ đĩa không đầy, có thể ổ đĩa bị lỗi.
web-problem-store-damaged = Kho dữ liệu bị hỏng và đã được chuyển sang một bên; những gì còn đọc được đã được giữ lại.
web-problem-store-damaged-do = Truy vết vẫn chạy. Nếu chuyện này lặp lại, hãy kiểm tra ổ đĩa.
web-problem-check-ins = Máy không niêm phong hoặc không lưu được các lượt đến.
web-problem-check-ins-do = Hãy dọn bớt ổ đĩa cho có chỗ trống. Chương trình tự thử lại; trong lúc này, hãy tự ghi lại những nơi bạn đến.
web-problem-check-ins-damaged = Tệp các lượt đến bị hỏng và đã được chuyển sang một bên; các lượt trước đó đã mất.
web-problem-check-ins-damaged-do = Các lượt đến mới vẫn được lưu. Với những nơi bạn đã đến trước đó, hãy theo dõi thông báo của cơ quan y tế.
web-problem-diary-damaged = Nhật ký riêng bị hỏng và đã được chuyển sang một bên.
web-problem-diary-damaged-do = Nếu vẫn muốn giữ nhật ký, hãy bật nhật ký mới ở trang Lượt đến.
web-problem-sync = Chưa trao đổi được với máy chủ của cơ quan y tế, nên chưa biết có cảnh báo mới hay không.
web-problem-sync-do = Hãy kiểm tra mạng. Chương trình tự thử lại; việc ghi nhận người ở gần vẫn tiếp tục.
web-problem-report-pending = Việc công bố kết quả dương tính của bạn chưa xong.
web-problem-report-pending-do = Hãy mở mục “Kết quả dương tính” và bấm “Tiếp tục”: việc sẽ tiếp tục từ chỗ dừng, không công bố hai lần.
web-problem-declaration-pending = Có tờ khai y tế hoặc yêu cầu rút lại chưa được trả lời.
web-problem-declaration-pending-do = Bạn không cần làm gì: máy tự gửi lại ngay khi có mạng.
web-problem-declaration-keys = Máy chủ của cơ quan y tế đưa ra hai khóa khác nhau dưới cùng một tên, điều này không được phép xảy ra.
web-problem-declaration-keys-do = Hãy báo cho cơ quan y tế và tạm thời đừng khai báo trên máy này.

# Ghi nhận lượt đến
web-checkin-title = Ghi nhận lượt đến
web-checkin-intro = Quét mã trên áp phích bằng điện thoại hay camera cho ra một địa chỉ. Hãy chép địa chỉ đó vào đây.
web-checkin-code = Nội dung của mã trên áp phích
web-checkin-code-hint = Bắt đầu bằng https:// và có dấu #
web-checkin-companions = Số người đi cùng không có máy riêng
web-checkin-companions-hint = Có thể để trống
web-checkin-button = Ghi nhận tôi đã đến
web-checkin-private = Lượt đến chỉ được lưu trên máy này và được niêm phong khi bạn rời đi. Không có gì được gửi đi.
web-checkin-no-code = Hãy chép vào đây nội dung của mã trên áp phích.
web-checkin-companions-wrong = Số người đi cùng phải là một số từ 0 đến 255.
web-visit-open = Bạn đang ở { $venue }. Lượt đến tự kết thúc lúc { $time }.
web-visit-none = Hiện bạn chưa ghi nhận ở địa điểm nào.
web-visit-more = Chi tiết
web-visit-times = Từ { $since }. Tự kết thúc lúc { $until }.
web-visit-companions = Cho bạn và { $companions } người nữa.
web-visit-shares-in-advance = Địa điểm này đã trao trước phần khóa của mình: một mình cơ quan y tế cũng cảnh báo được cho khách, và nếu có máy của bạn trong tay thì đọc được lượt đến này.
web-check-out = Tôi rời đi
web-extend = Ở lại lâu hơn
web-extend-minutes = Thêm bao nhiêu phút
web-extend-hint = Để trống: thêm bằng thời gian khách thường ở lại đây
web-minutes-wrong = Số phút phải từ 1 đến 1440.
web-visits-closed = Các lượt đã kết thúc
web-visits-sealed = Các lượt đến trong { $days } ngày qua đã được niêm phong. Máy này không đọc được và cũng không biết có lượt nào hay không; cảnh báo vẫn tìm ra chúng.
web-done-checked-in = Đã ghi nhận lượt đến. Khi rời đi, hãy bấm “Tôi rời đi”.
web-done-checked-in-clock = Đã ghi nhận lượt đến. Nhưng đồng hồ của máy hiện không đáng tin cậy nên cảnh báo có thể bỏ sót lượt này. Hãy chỉnh đồng hồ.
web-done-checked-in-ended-another = Đã ghi nhận lượt đến. Lượt của bạn ở nơi trước đã kết thúc và được niêm phong.
web-done-extended = Lượt đến đã được kéo dài.
web-done-checked-out = Đã ghi nhận bạn rời đi. Lượt đến đã được niêm phong.
web-done-checked-out-before = Lượt đến đã tự kết thúc trước đó và đã được niêm phong.

# Nhật ký riêng
web-diary = Nhật ký riêng
web-diary-on = Đang bật
web-diary-off = Đang tắt, vẫn còn những gì đã ghi
web-diary-none = Không có
web-diary-what = Nhật ký giữ lại những nơi bạn đã đến để bạn tự xem, hoặc tự chọn từng lượt để báo cho cán bộ y tế. Chỉ cụm mật khẩu của bạn mở được nhật ký.
web-diary-open = Mở trang nhật ký
web-diary-passphrase = Cụm mật khẩu của nhật ký
web-diary-read-title = Xem nhật ký
web-diary-read = Xem
web-diary-on-title = Bật nhật ký
web-diary-switch-on = Bật nhật ký
web-diary-off-title = Tắt nhật ký
web-diary-off-text = Các lượt sau này không được ghi nữa. Những gì đã ghi vẫn còn đến khi hết hạn.
web-diary-switch-off = Tắt nhật ký
web-diary-forget = Hủy nhật ký
web-diary-forget-title = Hủy nhật ký riêng?
web-diary-forget-text = Mọi lượt đến trong nhật ký bị xóa, không ai lấy lại được. Các lượt đến đã niêm phong vẫn còn, cảnh báo vẫn tìm ra chúng.
web-diary-visits = Các lượt đến trong nhật ký
web-diary-visits-text = Chỉ bạn thấy danh sách này. Khi cán bộ y tế hỏi, bạn có thể chọn những lượt muốn cho biết.
web-diary-empty = Trong nhật ký không có lượt đến nào.
web-diary-disclose-one = Cho biết lượt này
web-diary-disclose-how = Trang sau hiện các lượt đã chọn thành mã để cán bộ quét hoặc chép lại. Chúng nêu địa điểm và thời gian, không nêu bạn là ai. Chưa có gì được gửi đi.
web-diary-disclose = Hiện các lượt đã chọn
web-diary-close = Đóng nhật ký
web-diary-disclosed = Để cho cán bộ y tế biết
web-diary-disclosed-text = Hãy đưa màn hình cho cán bộ quét, hoặc đọc các dòng này cho họ. Máy này không gửi gì đi.
web-diary-disclosed-code = Mã của một lượt đến
web-done-diary-on = Nhật ký đang bật. Nếu quên cụm mật khẩu thì không ai mở lại được.
web-done-diary-off = Nhật ký đã tắt.
web-done-diary-forgotten = Nhật ký đã bị hủy.
web-passphrase-new = Cụm mật khẩu mới
web-passphrase-hint = Ít nhất 8 ký tự; nên dùng vài từ
web-passphrase-again = Cụm mật khẩu mới, nhập lại
web-passphrases-differ = Hai cụm mật khẩu khác nhau. Hãy nhập lại cả hai.
web-failure-no-diary = Chưa có nhật ký nào. Trước hết hãy bật nhật ký.
web-failure-diary-passphrase = Đây không phải là cụm mật khẩu của nhật ký. Hãy thử lại. Nếu đã quên thì chỉ còn cách hủy nhật ký.
web-failure-diary-line = Đây không phải là dòng mô tả một lượt đến. Hãy mở lại nhật ký và chọn lại.
web-failure-not-enrolled = Chưa chọn cơ quan y tế. Hãy chọn ở trang Cài đặt.
web-failure-unreachable = Không kết nối được với máy chủ của cơ quan y tế. Hãy kiểm tra mạng rồi thử lại; không mất gì cả. ({ $detail })
web-failure-poster-newer = Áp phích này mới hơn chương trình. Hãy cài bản chương trình mới hơn. ({ $detail })
web-failure-no-pass = Hiện không có thẻ nào dùng được.

# Thẻ qua cửa
web-pass-none = Hiện bạn không có thẻ nào dùng được. Khai báo y tế thì nhận được thẻ.
web-pass-code = Mã QR của thẻ qua cửa
web-pass-of = Thẻ của { $name }
web-pass-shown = Hiện lúc { $time }. Mã tự đổi sau mỗi { $seconds } giây.
web-pass-until = Dùng đến hết ngày { $day }.
web-pass-unused = Còn { $passes } thẻ chưa dùng.
web-pass-next-text = Mỗi nơi một thẻ khác thì không ai nối được các nơi bạn đã qua. Khi bạn rời một địa điểm đã ghi nhận, máy tự đổi thẻ.
web-pass-next = Đổi thẻ khác
web-pass-sheet = In { $passes } thẻ ra giấy
web-pass-sheet-title = Thẻ qua cửa để in
web-pass-sheet-text = { $passes } thẻ, dùng từ ngày { $from } đến hết ngày { $until }. Mỗi nơi đưa một thẻ khác.
web-pass-sheet-print = Các mã hiện ra khi in trang này.
web-pass-others = Thẻ của ai
web-pass-own = Thẻ của tôi

# Quanh bạn lúc này
web-nearby-last-scan = Lần quét gần nhất: { $time }.
web-nearby-count = { $devices } máy ở gần
web-nearby-table = Gần đến mức nào
web-near-immediate = Rất gần
web-near-near = Gần
web-near-medium = Hơi xa
web-near-other = Xa
web-nearby-note = Máy này không biết ai đang ở gần: các máy chỉ trao đổi mã định danh, cứ khoảng 10 phút lại đổi. Sóng mạnh hay yếu cho biết rất ít về khoảng cách, và máy vừa đổi mã có thể được đếm hai lần.
web-nearby-renewed = Trang tự cập nhật sau mỗi { $seconds } giây.
web-nearby-still = Dừng cập nhật
web-nearby-renew = Tự cập nhật

# Từng ngày
web-history-what = Mỗi ngày máy ghi lại bao nhiêu lần có người ở gần. Không ghi đó là ai, cũng không ghi ở đâu.
web-history-empty = Chưa lưu gì.
web-history-table = Số lần ghi nhận theo ngày
web-history-gone = Sau thời hạn lưu, khóa của mỗi ngày tự bị hủy và không ai đọc được ngày đó nữa.
web-forget-day = Xóa ngày này
web-forget-day-title = Xóa những gì đã lưu của ngày { $day }?
web-forget-day-what = Các lần ở gần người khác, phơi nhiễm, lượt đến và tờ khai của ngày { $day } trên máy này bị xóa. Nếu hôm đó có người bệnh ở gần, bạn sẽ không được báo nữa.
web-forget-for-good = Những gì đã xóa thì không ai lấy lại được, kể cả bạn.
web-done-forgotten-day = Đã xóa những gì đã lưu của ngày đó.

# Phơi nhiễm
web-exposures-none = Chưa phát hiện phơi nhiễm nào.
web-exposures-what-to-do = Việc cần làm
web-exposures-last-contact = Lần tiếp xúc gần nhất
web-exposures-test-from = Xét nghiệm từ ngày
web-exposures-apart-until = Tránh tiếp xúc với người khác đến hết ngày
web-exposures-authority-first = Các ngày này tính theo quy tắc chung của cơ quan y tế. Nếu cơ quan y tế dặn bạn khác, hãy theo lời dặn đó.
web-exposures-days = Những ngày bị phơi nhiễm
web-exposures-table = Thời gian ở gần người bệnh, theo ngày
web-exposures-at-venue = Có người bệnh ở đó, hoặc vừa rời đi, khi bạn cũng có mặt: { $times }.
web-exposures-companions = Hãy báo cho cả { $companions } người đi cùng bạn.
web-exposures-words = Cơ quan y tế: { $text }
web-exposures-checked = Lần so gần nhất với những gì cơ quan y tế công bố: { $time }.
web-exposures-never-checked = Máy chưa lần nào lấy được những gì cơ quan y tế công bố.
web-exposures-private = Không ai khác biết kết quả này: máy tự so sánh và không gửi gì đi. Với những lần ở gần, máy chỉ nói ngày, không nói giờ, để khó đoán ra người bệnh là ai.
web-level-none = Chưa thấy
web-level-low = Thấp
web-level-high = CAO

# Dữ liệu của bạn
web-data-intro = Đây là tất cả những gì máy này lưu về bạn. Không có gì ở nơi khác, trừ những gì bạn đã tự gửi: kết quả đã công bố và tờ khai y tế.
web-data-table = Những gì được lưu
web-data-encounters = Các lần ở gần người khác, không có tên ai
web-data-keys = Khóa của máy bạn, dùng khi bạn có kết quả dương tính
web-data-exposures = Phơi nhiễm
web-data-visits = Các lượt đến đã kết thúc
web-data-visit = Lượt đến đang mở
web-data-diary = Nhật ký riêng
web-data-declarations = Tờ khai y tế
web-data-passes = Thẻ qua cửa
web-data-authority = Cơ quan y tế đã chọn
web-data-count = { $number }
web-data-exposed = { $days } ngày
web-data-days = { $days } ngày
web-data-visits-sealed = Đã niêm phong: không đọc và không đếm được
web-data-visit-open = 1, chỉ trong bộ nhớ
web-data-visit-none = Không có
web-data-nothing = Không có
web-data-until = Đến hết ngày { $day }
web-data-until-left = Đến khi rời đi
web-data-until-replaced = Đến khi bạn chọn cơ quan khác
web-data-bytes = Tất cả chiếm khoảng { $kilobytes } kB trên đĩa, được mã hóa; chỉ tài khoản của bạn trên máy này mở được.
web-export-title = Lấy bản sao dữ liệu
web-export-what = Bạn nhận một tệp được niêm phong bằng cụm mật khẩu, để chuyển sang máy khác, ở trang này trên máy đó hoặc bằng lệnh "vungxanh import". Trong tệp không có lượt đến và nhật ký. Ai có cả tệp lẫn cụm mật khẩu thì đọc được.
web-export = Tải tệp xuống
web-erase-heading = Xóa dữ liệu
web-erase-title = Xóa mọi dữ liệu trên máy này?
web-erase-what = Các lần ở gần người khác, khóa của bạn, phơi nhiễm, lượt đến, nhật ký, tờ khai và thẻ trên máy này bị xóa. Cơ quan y tế đã chọn vẫn giữ nguyên và truy vết tiếp tục từ đầu. Những gì bạn đã gửi cho cơ quan y tế thì vẫn còn ở đó.
web-erase = Xóa tất cả
web-erase-a-day = Chỉ xóa một ngày
web-done-erased = Đã xóa tất cả. Không ai lấy lại được.

# Cài đặt
web-settings-authority = Cơ quan y tế
web-authority-name = Tên
web-authority-url = Địa chỉ
web-authority-fingerprint = Dấu vân tay
web-authority-valid = Tài liệu có giá trị đến ngày
web-authority-last-exchange = Trao đổi gần nhất
web-authority-none = Chưa chọn cơ quan y tế nào.
web-exchange-now = Trao đổi ngay
web-authority-choose = Chọn cơ quan y tế
web-authority-other = Chọn cơ quan y tế khác
web-authority-address = Địa chỉ kèm dấu vân tay
web-authority-address-hint = Chép trọn từ nơi cơ quan y tế công bố: https://…#sha256=…
web-authority-address-wrong = Địa chỉ phải có dấu # và sau đó là sha256= với 64 chữ số thập lục phân. Hãy chép lại trọn địa chỉ.
web-authority-button = Chọn cơ quan này
web-authority-replace-title = Thay cơ quan y tế?
web-authority-replace-text = Từ nay máy này theo { $url } và không còn nhận cảnh báo của cơ quan đã chọn trước đó. Các phơi nhiễm đã phát hiện vẫn còn.
web-authority-replace = Thay cơ quan y tế
web-done-authority-chosen = Đã chọn cơ quan y tế.
web-done-exchanged = Đã trao đổi với cơ quan y tế.
web-settings-language = Ngôn ngữ
web-settings-language-text = Trang này nhớ ngôn ngữ bạn chọn. Khi chưa chọn, trang dùng ngôn ngữ của dịch vụ nền.
web-settings-notifications = Thông báo trên màn hình
web-settings-notifications-text = Việc này được chọn khi dịch vụ nền khởi động: tùy chọn --no-notifications của lệnh "vungxanh run", hoặc biến VUNGXANH_NO_NOTIFICATIONS=1, sẽ tắt thông báo.

# Cột của bảng, thời gian
web-column-amount = Đang lưu
web-column-at-venues = Tại địa điểm
web-column-chart = Biểu đồ
web-column-companions = Đi cùng
web-column-day = Ngày
web-column-deed = Việc có thể làm
web-column-devices = Số máy
web-column-disclose = Cho biết
web-column-kept = Lưu bao lâu
web-column-medium = Hơi xa
web-column-near = Gần
web-column-nearness = Mức gần
web-column-place = Nơi
web-column-risk = Nguy cơ
web-column-scans = Số lần ghi nhận
web-column-times = Thời gian
web-column-what = Dữ liệu
web-duration-none = 0 phút
web-duration-seconds = { $seconds } giây
web-duration-minutes = { $minutes } phút
web-duration-hours = { $hours } giờ { $minutes } phút
