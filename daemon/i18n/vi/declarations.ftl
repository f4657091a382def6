# Khai báo y tế và thẻ qua cửa.

help-declare = Khai báo y tế với cán bộ của cơ quan y tế và nhận lại thẻ qua cửa
help-declare-file = Tờ khai dạng JSON, theo docs/protocol.md mục 17
help-declare-printed = Bao nhiêu trong 24 thẻ là để in ra giấy
help-declare-replace = Tờ khai được thay bằng tờ này: số của tờ cũ, như "vungxanh declarations" cho thấy
help-declare-yes = Tôi đã đọc những gì được gửi, gửi cho ai, lưu trong bao lâu, và tôi đồng ý
help-declarations = Xem các tờ khai trên máy này và tình trạng của chúng
help-declarations-withdraw = Yêu cầu cơ quan y tế xóa một tờ khai
help-declarations-id = Số của tờ khai, như "vungxanh declarations" cho thấy, hoặc phần đầu của số
help-pass = Hiện thẻ qua cửa dưới dạng mã QR
help-pass-next = Dùng thẻ khác với lần trước: các trạm cửa không nối được hai thẻ với nhau
help-pass-for = Người mà bạn đã khai thay

declare-what-is-sent =
    Gửi gì: các câu trả lời trong tờ khai này, được niêm phong ngay trên máy. Máy chủ và mạng chỉ thấy loại tờ khai, xã phường và ngày khai.
    Gửi cho ai: các cán bộ của { $authority } được phép đọc tờ khai, hiện có { $officers } người. Ngoài họ ra không ai mở được, kể cả máy chủ.
    Bạn nhận lại: 24 thẻ qua cửa. Trong thẻ không có thông tin gì về bạn, và không ai biết được thẻ nào thuộc tờ khai nào.
    Bạn có thể rút lại: vungxanh declarations withdraw SỐ. Những gì cán bộ đã đọc hoặc đã chép ra thì vẫn còn ở cơ quan y tế.
declare-keys-are-old = Không kết nối được với máy chủ của cơ quan y tế. Tờ khai được niêm phong bằng các khóa đã tải trước đó và sẽ được gửi ngay khi có mạng.
declare-consent-ask = Bạn có đồng ý gửi tờ khai này không? Hãy gõ đủ chữ "đồng ý":
declare-sending = Đang niêm phong và gửi ...
declare-passes = Bạn có { $live } thẻ để hiện trên máy và { $printed } thẻ để in, dùng đến hết ngày { $until }. Khi qua cửa: vungxanh pass

declarations-kind-population = Khai báo toàn dân
declarations-kind-movement = Di chuyển trong nước
declarations-kind-entry = Nhập cảnh
declarations-kind-daily = Triệu chứng trong ngày

declare-problem-missing = chưa trả lời
declare-problem-too-long = quá dài
declare-problem-malformed = chưa đúng dạng
declare-problem-out-of-range = không thể như vậy
declare-problem-guardian-needed = trẻ dưới 16 tuổi phải do cha mẹ, người giám hộ khai, hoặc do nhân viên đang giữ giấy đồng ý của họ

declaration-waiting = Tờ khai { $id } đã được niêm phong và lưu trên máy. Máy sẽ tự gửi ngay khi kết nối được với máy chủ của cơ quan y tế, kể cả sau khi khởi động lại; bạn không cần làm gì thêm.
declaration-sent = Tờ khai { $id } đã đến cơ quan y tế.
declaration-sent-without-passes = Tờ khai { $id } đã đến cơ quan y tế, nhưng các thẻ nhận về không phải do các khóa đã công bố ký nên không được dùng. Hãy báo cho cơ quan y tế.
declaration-too-late = Tờ khai { $id } không gửi được trong ngày của nó và nay không ai mở được nữa. Hãy khai lại: vungxanh declare
declaration-refused = Máy chủ của cơ quan y tế không nhận tờ khai { $id }. Hãy khai lại, bằng bản chương trình mới hơn nếu có.
declaration-withdrawing = Tờ khai { $id } sẽ được rút lại ngay khi kết nối được với máy chủ của cơ quan y tế.
declaration-withdrawn = Tờ khai { $id } đã được xóa ở cơ quan y tế. Các thẻ của nó vẫn dùng được.
declaration-replaced = Tờ khai { $id } đã được thay bằng một tờ sau đó.
declaration-why = { $id }: { $detail }

declarations-none = Trên máy này chưa có tờ khai nào.
declarations-column-id = Số
declarations-column-time = Khai lúc
declarations-column-name = Họ tên
declarations-column-kind = Loại
declarations-column-state = Tình trạng
declarations-column-passes = Thẻ dùng đến
declarations-state-waiting = chờ gửi
declarations-state-sent = đã gửi
declarations-state-sent-without-passes = đã gửi, không có thẻ
declarations-state-too-late = không gửi kịp
declarations-state-refused = không được nhận
declarations-state-withdrawing = đang rút lại
declarations-state-withdrawn = đã rút lại
declarations-state-replaced = đã được thay
declarations-withdraw-confirm = Yêu cầu cơ quan y tế xóa tờ khai này? [c/K]

pass-shown = Hiện lúc { $time }. Dùng được đến hết ngày { $until }; số thẻ chưa hiện lần nào: { $unused }. Sau ba phút mã sẽ quá cũ: hãy chạy lại lệnh.

event-declaration-sent = Tờ khai của bạn đã đến cơ quan y tế.
event-declaration-withdrawn = Tờ khai của bạn đã được rút lại.
event-declaration-not-sent = Tờ khai của bạn không được nhận. Xem: vungxanh declarations

problem-declaration-pending = Có tờ khai chưa gửi được: { $detail }. Máy sẽ tự gửi lại.
problem-declaration-keys = Cơ quan y tế đã công bố hai khóa thẻ khác nhau dưới cùng một tên, nhờ đó có thể nhận ra từng người. Các khóa này không được dùng. Hãy báo cho cơ quan cấp trên. ({ $detail })

failure-declare-needs-yes = Tờ khai chỉ được gửi khi bạn đồng ý, mà ở đây không thể hỏi. Hãy đọc những gì được gửi ("vungxanh help declare") rồi thêm --yes.
failure-declare-no-consent = Bạn chưa đồng ý nên không có gì được gửi.
failure-declare-no-form = { $file } không phải là tờ khai ({ $detail }).
failure-declare-problems =
    Chưa gửi được tờ khai:
      { $problems }
failure-declare-form = Chưa gửi được tờ khai. ({ $detail })
failure-declare-printed = Trong 24 thẻ có thể dành 0 đến 24 thẻ để in.
failure-declare-not-taken = Hiện cơ quan y tế không nhận tờ khai. ({ $detail })
failure-declare-keys = Các khóa nhận tờ khai của cơ quan y tế không được chấp nhận, và chưa có gì được gửi. Hãy thử lại sau; nếu vẫn vậy, hãy báo cho cơ quan y tế. ({ $detail })
failure-declare-unreachable = Không kết nối được với máy chủ của cơ quan y tế, và máy chưa từng tải các khóa: không có khóa thì không niêm phong được. Hãy kiểm tra mạng rồi chạy lại đúng lệnh này; những gì bạn đã gõ vẫn còn. ({ $detail })
failure-declare-too-many = Máy này không lưu thêm tờ khai được nữa. ({ $detail })
failure-declaration-unknown = Trên máy này không có tờ khai nào mang số đó, hoặc có nhiều tờ bắt đầu như vậy. Xem: vungxanh declarations
failure-declaration-not-sent = Tờ khai đó không còn ở cơ quan y tế.
failure-no-pass = Hôm nay bạn không có thẻ nào dùng được. Trước hết hãy khai báo: vungxanh declare
failure-pass-code = Không vẽ được mã: { $detail }

# Các câu hỏi
help-declare-kind = Loại tờ khai: population (khai báo y tế, mặc định), movement (di chuyển trong nước), entry (nhập cảnh)
help-declare-for = Khai thay cho người khác: họ tên đầy đủ của người đó
help-declare-again = Như lần trước: chỉ hỏi những gì có thể đã thay đổi
help-symptoms = Khai triệu chứng trong ngày, sau khi đã khai báo y tế

declare-how =
    Hãy trả lời từng câu rồi nhấn Enter. Mỗi câu trả lời được niêm phong và lưu ngay trên máy: bạn có thể dừng bất cứ lúc nào và làm tiếp sau.
    Câu không bắt buộc có thể để trống và nhấn Enter; gõ < để quay lại câu trước.
declare-optional = (không bắt buộc) { $question }
declare-choice = { $number }  { $text }
declare-not-taken = Câu trả lời này chưa được: { $reason }.
declare-continue = Còn một bản nháp từ lần trước ({ $name }). Bạn có muốn làm tiếp không? [c/K]
declare-again-of = Như ngày { $date }: chỉ hỏi về sức khỏe và việc đi lại.
declare-provinces = Hãy ghi tên một tỉnh hoặc thành phố hiện nay: { $names }
declare-offline = Hiện không kết nối được với máy chủ của cơ quan y tế. Bạn vẫn có thể điền tờ khai; tờ khai sẽ được gửi khi có mạng.
declare-summary = Các câu trả lời của bạn:
declare-kept-for = Cơ quan y tế xóa tờ khai sau { $days } ngày kể từ ngày khai. Máy này lưu bản niêm phong chậm nhất đến { $until }; muốn xóa trên máy: vungxanh forget --all.
declare-kept-unknown = Cơ quan y tế không cho biết lưu tờ khai trong bao lâu. Máy này lưu bản niêm phong chậm nhất đến { $until }.

declare-ask-name = Họ và tên, như trên giấy tờ:
declare-ask-born = Năm sinh:
declare-ask-gender = Giới tính, như trên giấy tờ:
declare-ask-nationality = Quốc tịch, hai chữ cái (Việt Nam là VN):
declare-ask-paper-kind = Bạn có loại giấy tờ nào?
declare-ask-paper = Số giấy tờ:
declare-ask-ward = Xã, phường nơi đang ở (không cần dấu, tên cũ cũng được):
declare-ask-ward-which = Là nơi nào?
declare-choice-ward-other = không có trong danh sách: giữ nguyên như tôi đã ghi
declare-ask-address = Số nhà, đường, thôn, tổ:
declare-ask-phone = Số điện thoại:
declare-ask-email = Thư điện tử:
declare-ask-insurance = Số bảo hiểm xã hội hoặc thẻ bảo hiểm y tế:
declare-ask-travelled = Trong 14 ngày qua bạn có đến nơi nào khác không? (có hoặc không)
declare-ask-travel = Bạn đã đến đâu, khi nào?
declare-ask-symptoms = Trong 14 ngày qua (tờ khai trong ngày: hôm nay) bạn có những triệu chứng nào? Ghi các số, cách nhau bằng dấu cách:
declare-ask-temperature = Nhiệt độ cơ thể (°C):
declare-ask-contacts = Trong 14 ngày qua bạn đã tiếp xúc với ai? Ghi các số, cách nhau bằng dấu cách:
declare-ask-vehicle = Bạn đi bằng phương tiện gì?
declare-ask-number = Số chuyến bay, số tàu hoặc biển số xe:
declare-ask-seat = Số ghế:
declare-ask-from-country = Đến từ nước nào, hai chữ cái:
declare-ask-from-province = Tỉnh, thành phố khởi hành:
declare-ask-from-gate = Bến, ga, sân bay khởi hành:
declare-ask-to-province = Tỉnh, thành phố nơi đến:
declare-ask-to-gate = Bến, ga, sân bay hoặc cửa khẩu nơi đến:
declare-ask-start = Khởi hành lúc nào; nếu nhập cảnh: đến lúc nào? (ngày và giờ)
declare-ask-passport = Số hộ chiếu:
declare-ask-note = Điều khác mà cán bộ y tế nên biết:
declare-ask-by-name = Họ và tên của bạn, người khai thay:
declare-ask-by-phone = Số điện thoại của bạn:
declare-ask-by-relation = Bạn là gì của người này?
declare-ask-consent-held-by = Giấy đồng ý của cha mẹ, người giám hộ do ai lưu giữ (ví dụ tên trường, lớp)?

declare-doubt-year-differs = Số căn cước cho thấy năm sinh khác. Những gì đã ghi có đúng không? [c/K]
declare-doubt-sex-differs = Số căn cước cho thấy giới tính khác. Những gì đã ghi có đúng không? [c/K]

declare-advice-call = Bạn hãy ở nhà, tránh tiếp xúc gần với người khác, đeo khẩu trang và gọi trạm y tế hoặc 1900 9095 (đường dây nóng của Bộ Y tế). Bạn có thể khai tiếp.
declare-advice-now = Khó thở có thể là dấu hiệu nặng. Bạn hãy gọi ngay 115, ngồi thẳng và giữ bình tĩnh; đừng tự đi một mình. Tờ khai có thể làm tiếp sau, những gì đã gõ vẫn còn.

failure-declare-stopped = Đã dừng. Những gì bạn đã gõ được niêm phong và lưu trên máy này: "vungxanh declare" sẽ làm tiếp.
failure-declare-nothing-before = Trên máy này chưa có tờ khai nào trước đó của người này. Hãy chạy lại, không có --again.
failure-symptoms-first = Trước hết hãy khai báo y tế: vungxanh declare. Sau đó tờ khai trong ngày sẽ biết bạn là ai.
declare-answer = { $text }
failure-declare-cannot-ask = Muốn trả lời từng câu hỏi thì cần cửa sổ dòng lệnh. Hãy chạy trong đó, hoặc nộp tờ khai sẵn: vungxanh declare --file TỜ_KHAI.json --yes

# Thẻ qua cửa
help-pass-once = Chỉ hiện mã một lần, không làm mới
help-pass-png = Ghi mã thành ảnh (PNG); sau ba phút ảnh sẽ quá cũ
help-pass-sheet = Ghi các thẻ để in thành một tờ (PDF)
help-pass-national = Hiện mã cá nhân của Việt Nam thay cho thẻ, với QID do nền tảng quốc gia cấp. Mã này cho biết bạn là ai
pass-shown-live = Hiện lúc { $time }, cứ 30 giây làm mới một lần. Dùng được đến hết ngày { $until }; số thẻ chưa hiện lần nào: { $unused }. Nhấn Ctrl-C để thôi.
pass-picture = Mã nằm trong { $file }.
pass-sheet-title = Thẻ qua cửa
pass-sheet-how =
    { $count } thẻ. Hãy cắt rời, mỗi nơi dùng một thẻ: như vậy các trạm cửa không nối được các thẻ với nhau.
    Trong thẻ không có thông tin gì về bạn. Thẻ chỉ cho biết đã có khai báo y tế.
pass-sheet-caption = { $from } đến hết { $until }
pass-sheet-done = { $count } thẻ nằm trong { $file }, dùng được đến hết ngày { $until }. Hãy in tờ này rồi xóa tệp.
pass-national = Mã này cho mọi người quét nó biết họ tên, số giấy tờ và số điện thoại của bạn. Thẻ qua cửa thì không.
failure-pass-national = Không tạo được mã cá nhân: QID gồm chữ và số như nền tảng quốc gia đã cấp, và phải đã khai họ tên cùng giấy tờ. ({ $detail })

# Mã gửi đến điện thoại, khi cơ quan y tế yêu cầu.
help-declare-code = Đọc mã trong tin nhắn điện thoại từ đầu vào chuẩn, kể cả khi không có cửa sổ lệnh
declare-code-sent = Cơ quan y tế yêu cầu mã xác nhận để không ai khai bằng số của người khác. Mã đã được gửi bằng tin nhắn đến { $phone }, có hiệu lực trong { $minutes } phút. Nếu không nhận được, nhấn Enter mà không gõ mã để xin mã khác; mỗi số nhận nhiều nhất ba mã một ngày.
declare-code-ask = Sáu chữ số của mã:
declare-code-wrong = Mã không đúng hoặc đã hết hạn. Số lần thử còn lại: { $left }. Nhấn Enter mà không gõ mã để xin mã khác.
declare-code-used-up = Mã này không dùng được nữa. Nhấn Enter để xin mã khác.
failure-declare-code-cannot-ask = Cơ quan y tế yêu cầu mã gửi bằng tin nhắn đến điện thoại của người khai. Hãy chạy trong cửa sổ lệnh, hoặc thêm --code-from-stdin rồi ghi mã vào đầu vào chuẩn.
failure-declare-code-stopped = Đã dừng trước khi gõ mã. Những gì bạn đã gõ vẫn được giữ: hãy chạy lại đúng lệnh đó và gõ mã khi mã còn hiệu lực.
failure-declare-code-needed = Cơ quan y tế yêu cầu mã gửi bằng tin nhắn đến điện thoại của người khai, mà hôm nay chưa có mã nào được xác nhận. Hãy chạy lại đúng lệnh đó. ({ $detail })
failure-declare-code-country = Cơ quan y tế không gửi mã đến số điện thoại này. Hãy kiểm tra lại số, hoặc hỏi cơ quan y tế cách khai khi không nhận được mã. ({ $detail })
failure-declare-code-not-sent = Hiện máy chủ của cơ quan y tế không gửi được mã. Những gì bạn đã gõ vẫn được giữ: hãy thử lại sau. ({ $detail })
failure-declare-code-unreachable = Cần có mạng để nhận mã, mà hiện không kết nối được với máy chủ của cơ quan y tế. Những gì bạn đã gõ vẫn được giữ: hãy chạy lại đúng lệnh đó khi có mạng. ({ $detail })
