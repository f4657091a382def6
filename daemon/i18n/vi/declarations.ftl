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
declare-consent = Bạn có đồng ý gửi tờ khai này không? Hãy gõ đủ chữ "đồng ý":
declare-sending = Đang niêm phong và gửi ...
declare-passes = Bạn có { $live } thẻ để hiện trên máy và { $printed } thẻ để in, dùng đến hết ngày { $until }. Khi qua cửa: vungxanh pass

declare-kind-population = khai báo y tế
declare-kind-movement = di chuyển trong nước
declare-kind-entry = nhập cảnh
declare-kind-daily = triệu chứng trong ngày

declare-problem-missing = chưa trả lời
declare-problem-too-long = quá dài
declare-problem-malformed = chưa đúng dạng
declare-problem-out-of-range = không thể như vậy
declare-problem-guardian-needed = trẻ dưới 16 tuổi phải do cha mẹ hoặc người giám hộ khai

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
