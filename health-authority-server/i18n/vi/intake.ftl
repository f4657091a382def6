# Tờ khai y tế trong trình duyệt của cán bộ. Văn bản dành cho tập lệnh bắt đầu bằng page-intake-.

nav-intake = Tờ khai y tế
role-intake_officer = Cán bộ tiếp nhận tờ khai
refused-not-intake-officer = Chỉ cán bộ tiếp nhận mới đọc được tờ khai y tế, mỗi người bằng khóa của riêng mình. Tài khoản quản trị không đọc được. Người được giao việc này cần tài khoản có vai trò “intake_officer” (lệnh staff add) và phải được thêm làm cán bộ tiếp nhận (lệnh officer add).
intake-card = Đọc tờ khai bằng khóa của riêng bạn, gọi điện, ghi lại kết quả.
audit-officer-key-set = Cán bộ nộp khóa công khai
audit-declarations-fetched = Lấy tờ khai
audit-access-given = Cấp quyền mở
audit-of-intake-key = Khóa tờ khai { $number }
audit-access-to = cho cán bộ số { $number }
intake-group-all = mọi tỉnh, thành
intake-noscript = Trang này chỉ hoạt động khi bật JavaScript: tờ khai được mở ngay trong trình duyệt này, không ở đâu khác.
intake-error-not-an-officer = Khóa của bạn không nằm trong danh sách khóa của cán bộ. Hãy hỏi quản trị viên.
intake-error-no-key = Không có khóa mà bạn mở được cho ngày và nhóm này, hoặc khóa đã bị hủy.
intake-error-key-taken = Một tài khoản khác đã nộp khóa này. Hãy tạo khóa của riêng bạn.
intake-error-weak-key = Đây không phải khóa hợp lệ. Hãy tạo lại.
intake-error-not-a-register = Không lưu được ghi chú: kích thước khác quy định.
intake-error-other-version = Một cán bộ khác vừa lưu ghi chú cùng lúc. Hãy thử lại.
intake-error-unknown-officer = Cán bộ này không còn trong danh sách.
intake-error-too-many = Gửi quá nhiều cùng một lúc.
intake-error-failed = Máy chủ gặp lỗi. Chưa có gì bị mất; hãy thử lại sau.

# Khóa riêng của cán bộ
officer-key-make-why = Tờ khai được niêm phong bằng khóa của cán bộ. Khóa của bạn được tạo trong trình duyệt này và không bao giờ rời khỏi đây: máy chủ chỉ nhận phần công khai nên không đọc được tờ khai nào.
officer-key-make-steps = Ba bước: chọn cụm mật khẩu, ghi mã khôi phục ra giấy, gõ lại mã. Mất khoảng năm phút; hãy chuẩn bị máy in hoặc giấy bút.
officer-key-foreign-line = Khóa công khai mà lệnh “intake keygen” in ra (64 ký tự)
officer-key-passphrase-hint = Ít nhất { LIMIT("passphrase-least-characters") } ký tự; tốt nhất là bốn, năm từ không liên quan đến nhau. Bạn sẽ cần cụm này mỗi lần mở tờ khai.
officer-key-sheet-code = Mã khôi phục khóa của cán bộ. Ai có mã này là đọc được tờ khai.
officer-key-sheet-warning = Dùng mã này để khôi phục khóa trên máy khác, tại trang “Tờ khai y tế”. Cơ quan y tế không bao giờ hỏi mã này.
officer-key-restore-text = Bạn đã nộp khóa nhưng khóa không nằm trong trình duyệt này. Hãy dùng tệp khóa đã lưu, hoặc mã khôi phục trên giấy.
officer-key-lost = Bạn đã mất cụm mật khẩu, mọi máy và cả tờ giấy? Khi đó hãy tạo khóa mới và nhờ thêm khóa. Cán bộ khác có thể cấp cho khóa mới quyền mở những ngày trước.
page-intake-not-a-key-file = Đây không phải tệp khóa của cán bộ, hoặc tệp đã hỏng. Hãy chọn tệp khác hoặc dùng mã khôi phục.
page-intake-code-other-key = Đây là khóa của cán bộ khác, hoặc khóa cũ của bạn.
page-intake-not-a-line = Đây không phải khóa công khai mà lệnh “intake keygen” in ra: 64 ký tự, gồm chữ số và các chữ từ a đến f.
page-intake-remake-sure = Tạo khóa mới? Quản trị viên phải thêm khóa đó, và cán bộ khác phải cấp quyền mở những ngày trước.

# Chờ được thêm
intake-waiting-title = Khóa của bạn cần được thêm
intake-waiting-text = Hãy đưa khóa công khai hoặc tệp cho quản trị viên giữ khóa gốc. Người đó gọi cho bạn theo số đã biết, hai bên đối chiếu dấu vân tay, rồi người đó chạy lệnh “officer add”. Trước lúc đó, và sau khi bị bỏ khỏi danh sách, ở đây không có gì để đọc.
intake-fingerprint = Dấu vân tay khóa của bạn
intake-fingerprint-hint = Khi quản trị viên gọi, hãy đọc sáu nhóm số này. Lệnh “officer add” phải hiện đúng như vậy.
intake-line = Khóa công khai của bạn
intake-look-again = Xem lại
intake-request-file = Lưu thành tệp cho quản trị viên
page-intake-still-waiting = Khóa của bạn chưa được thêm.

# Đang khóa
intake-unlock-title = Mở khóa của bạn
intake-unlock-text = Cụm mật khẩu chỉ mở khóa trong trình duyệt này và không được gửi đi. Những gì bạn mở chỉ có trên màn hình cho đến khi bạn khóa lại, rời trang hoặc ngừng dùng một lúc, và không được lưu ở đâu.
intake-unlock-do = Mở
intake-lock = Khóa lại
page-intake-locked = Đã khóa: mọi thứ đang mở không còn trong trình duyệt này.
page-intake-idle = Đã khóa vì trang không được dùng trong { $minutes } phút.

# Các ngày
intake-days = Các ngày
intake-no-days = Chưa có ngày nào có tờ khai dành cho bạn.
intake-day = Ngày
intake-group = Nhóm
intake-declarations = Tờ khai
intake-to-call = Cần gọi
intake-open = Mở
page-intake-open = Mở
page-intake-open-day = Mở ngày { $day }, { $name }
page-intake-declarations = Tờ khai
page-intake-to-call = Cần gọi
page-intake-no-access = Chưa có quyền: cần cán bộ khác cấp
page-intake-group-all = mọi tỉnh, thành
page-intake-opening = Ngày { $day }: đang lấy và mở { $count } tờ khai
intake-opening-text = Trang lấy toàn bộ tờ khai của ngày để máy chủ không biết bạn tìm ai. Tờ khai được mở trong trình duyệt này.
intake-opening-stop = Dừng
intake-access = Cấp cho cán bộ khác quyền mở những ngày trước
intake-access-text = Cán bộ được thêm sau chỉ mở được những ngày có khóa tạo từ lúc đó. Bạn có thể cấp quyền cho những ngày còn lại: thứ mở được chúng sẽ được niêm phong, ngay trong trình duyệt này, bằng khóa của người đó. Hãy gọi cho người đó theo số bạn đã biết và đọc cho nhau dấu vân tay của mỗi bên.
intake-own-fingerprint = Dấu vân tay khóa của bạn
intake-no-receivers = Mọi cán bộ đều đã có hết những quyền mà bạn có thể cấp.
page-intake-compared = Tôi đã gọi cho { $name } và hai bên đã đối chiếu cả hai dấu vân tay
page-intake-compare-first = Hãy đối chiếu dấu vân tay trước rồi đánh dấu vào ô.
page-intake-give = Cấp quyền cho { $name }
page-intake-missing = Số ngày và nhóm chưa mở được: { $count }
page-intake-given = { $name } đã có quyền. Số ngày và nhóm: { $count }
intake-own-key = Khóa của bạn và của cơ quan
intake-own-name = Tên của bạn trong danh sách cán bộ đã ký
intake-root = Dấu vân tay khóa gốc của cơ quan
intake-root-hint = Trình duyệt này nhớ khóa gốc từ lần mở đầu tiên và từ chối khóa khác. Hãy đối chiếu một lần với quản trị viên: đó là dấu vân tay mà các máy dùng khi ghi danh.

# Một ngày
intake-to-days = Về danh sách các ngày
intake-parts = Các phần của ngày này
intake-tab-forms = Tờ khai
intake-tab-door = Cần gọi, từ trạm cửa
intake-tab-aside = Để riêng
intake-aside-hint = Những tờ này mở được nhưng sai quy tắc: không do phần mềm này tạo ra. Chỉ hiện tối đa 1.000 tờ đầu.
intake-search = Tìm kiếm
intake-search-hint = Tên, phường xã hoặc số điện thoại, có dấu hay không dấu đều được
intake-all = Tất cả
intake-rows = Các dòng
intake-rows-none = Không có tờ nào phù hợp. Hãy đổi từ tìm kiếm hoặc bộ lọc.
intake-name = Họ tên
intake-phone = Điện thoại
intake-ward = Phường, xã
intake-before = Các dòng trước
intake-after = Xem tiếp
intake-door-text = Những người này không có thẻ và đã ở trạm cửa cùng lúc với ca bệnh. Ai cũng có thể đã khai một số điện thoại ở đó: trước hết hãy hỏi họ có đến nơi đó không.
intake-door-none = Ngày này không có ai cần gọi từ trạm cửa.
intake-export = Lưu các dòng đang chọn thành bảng (CSV)
intake-export-hint = Bảng được tạo trong trình duyệt này theo từ tìm kiếm và bộ lọc ở trên. Bảng không được niêm phong: mọi bản sao thuộc trách nhiệm của bạn và không bị xóa khi hết hạn của ngày.
page-intake-export-sure = Lưu các dòng đang chọn thành bảng? Bảng không được niêm phong. Bạn chịu trách nhiệm về mọi bản sao; bản sao không bị xóa khi hết hạn của ngày.
page-intake-file = to-khai
page-intake-day-title = { $day }, { $name }
page-intake-summary = Tờ khai: { $count }. Khẩn cấp: { $number }. Cần gọi: { $expected }.
page-intake-junk = Để riêng: { $count } tờ không mở được, { $number } tờ sai quy tắc. Những tờ này không có trong danh sách.
page-intake-rows = Từ { $from } đến { $until } trong { $count }
page-intake-noted = ghi chú: { $count }
page-intake-urgency = Mức khẩn
page-intake-urgency-now = Khẩn cấp
page-intake-urgency-call = Cần gọi
page-intake-urgency-none = Không có dấu hiệu
page-intake-kind = Loại
page-intake-kind-population = Toàn dân
page-intake-kind-movement = Di chuyển
page-intake-kind-entry = Nhập cảnh
page-intake-kind-daily = Triệu chứng trong ngày
page-intake-symptoms = Triệu chứng
page-intake-born = Năm sinh
page-intake-venue = Địa điểm
page-intake-together = Cùng lúc
page-intake-from = Từ
page-intake-until = Đến
page-intake-companions = Số người đi cùng
page-intake-called = Đã gọi
page-intake-is-called = Đã gọi
page-intake-not-called = Chưa gọi
page-intake-by = Người khai
page-intake-by-another = Người khác khai thay; hãy gọi người đó
page-intake-notes = Ghi chú

# Một người
intake-back = Về danh sách
page-intake-mark = Đánh dấu đã gọi
page-intake-unmark = Đánh dấu chưa gọi
page-intake-called-by = { $name } đã gọi, { $day }
intake-notes = Ghi chú
intake-notes-none = Chưa có ghi chú.
intake-note = Ghi chú mới
intake-note-hint = Được niêm phong trong trình duyệt này. Mọi cán bộ của ngày và nhóm này đọc được; máy chủ thì không.
intake-note-do = Lưu ghi chú
page-intake-note-by = { $name }, { $day }
page-intake-note-drop = Xóa ghi chú này

# Khi có lỗi
page-intake-problem-network = Không kết nối được với máy chủ, hoặc kết nối bị ngắt. Chưa có gì được lưu. Hãy thử lại.
page-intake-problem-authority = Dữ liệu máy chủ gửi không có chữ ký của khóa gốc, hoặc không khớp. Đừng làm tiếp; hãy báo cho quản trị viên.
page-intake-problem-root = Khóa gốc của cơ quan khác với khóa mà trình duyệt này đã biết. Đừng làm tiếp: hãy gọi cho quản trị viên theo số bạn đã biết.
page-intake-problem-session = Bạn không còn đăng nhập. Hãy mở lại trang này và đăng nhập.
page-intake-problem-refused = Máy chủ từ chối ({ $status }). Hãy tải lại trang rồi thử lại.
page-intake-problem-not-an-officer = Khóa của bạn không còn trong danh sách khóa của cán bộ. Hãy hỏi quản trị viên.
page-intake-problem-no-key = Khóa của ngày này không còn: đã hết hạn hoặc đã bị hủy.
page-intake-problem-half = Phần lưu cho bạn của ngày này không mở được bằng khóa của bạn. Hãy hỏi cán bộ khác hoặc quản trị viên.
page-intake-problem-register = Ghi chú của ngày này không mở được: đã bị sửa. Tờ khai được hiện không kèm ghi chú và không thể ghi thêm. Hãy báo cho quản trị viên.
page-intake-problem-busy = Người khác đang lưu ghi chú liên tục. Nội dung bạn gõ vẫn còn đây; hãy thử lại.
page-intake-problem-full = Ngày và nhóm này không còn chỗ cho ghi chú.
page-intake-problem-wrong-passphrase = Sai cụm mật khẩu. Hãy thử lại.
page-intake-problem-excessive = Tệp khóa này cần quá nhiều bộ nhớ.
page-intake-problem-closed = Ngày này đã đóng. Hãy mở lại.
page-intake-problem-other = Trình duyệt gặp lỗi. Hãy khóa lại rồi thử lại.
