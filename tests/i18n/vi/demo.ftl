demo-title = Vùng Xanh: toàn bộ quy trình trên máy này. Máy chủ, thiết bị, mật mã và lưu trữ là thật; sóng vô tuyến là mô phỏng, thời gian chạy nhanh hơn.
demo-interrupted = Đã bị ngắt; mọi thứ đang được dừng và xóa.
demo-failed = Không thể tiếp tục trình diễn: { $reason }
demo-kept = Mọi thứ đúng như mong đợi, trong { $seconds } giây.
demo-broken = KHÔNG phải mọi thứ đều như mong đợi, sau { $seconds } giây.

day = Ngày { $number }

step-authority = Một cơ quan y tế được thành lập và phục vụ tại { $url } (khóa gốc { $fingerprint }…).
step-devices = { $names } đăng ký bằng dấu vân tay của khóa gốc; thiết bị của họ trao đổi các mã định danh thay đổi liên tục.
step-code = Lan có kết quả dương tính. Cán bộ y tế đưa cho Lan mã xác nhận { $code }.
step-report = Lan công bố khóa của { $periods } khoảng sáu giờ và loại ra { $left } khoảng: buổi chiều với Hoa.
step-batch = Một đợt khóa có chữ ký xuất hiện: { $file }
step-told = Thiết bị của { $name } tự phát hiện và báo cho { $name }: có phơi nhiễm, nguy cơ { $level }.
step-officer = Bác sĩ Ngọc tạo khóa trên máy tính riêng. Cơ quan y tế cho chị tiếp nhận, rồi tạo khóa cho tờ khai, thẻ qua cửa và thẻ giấy; không máy chủ nào mở được những gì niêm phong bằng các khóa đó.
step-declared = Dũng khai báo y tế bằng chương trình của mình, niêm phong cho cán bộ, và nhận các thẻ qua cửa mà không ai nối lại được với tờ khai.
step-cards = Nhân viên in thẻ giấy cho { $names }, những người không có thiết bị. Số điện thoại trong mã đã được niêm phong.
step-door = Nhân viên của { $market } đăng nhập một điện thoại để quét ở cửa.
step-door-sends = Điện thoại ở cửa đã niêm phong mỗi lượt quét cho cả chợ và cơ quan y tế; đến nay đã gửi bản ghi, lẫn trong các bản ghi giả, của số giờ: { $hours }.
step-told-of-pass = Thiết bị của { $name } tìm thấy cảnh báo dành cho thẻ mà cửa đã quét và báo cho { $name }: từng ở chợ cùng lúc với người bệnh, nguy cơ { $level }.
step-officer-reads = Cán bộ mở danh sách niêm phong của ngày trên máy tính riêng. Cần gọi: { $calls }.
step-everyone-looked = Khóa cuối cùng của Lan cũng đã công khai, và mọi thiết bị đã so khớp cả { $count } đợt.
step-look-alikes = Đến nay các thiết bị đã gửi { $count } lượt ngụy trang, để lượt của Lan không nổi bật.
step-verified = Ai cũng có thể kiểm tra các đợt: { $files } chữ ký hợp lệ ({ $keys } khóa, phần lớn là khóa đệm).

step-market = { $market } đăng ký qua điện thoại, tự tạo khóa, được cán bộ duyệt rồi treo mã QR ở cửa.
step-shares = Lan cho biết một lượt đến chợ từ nhật ký riêng. Cơ quan y tế yêu cầu chợ, và chợ trao phần khóa của { $hours } giờ.
step-told-of-visit = Thiết bị của { $name } mở được cảnh báo bằng lượt đến đã niêm phong của chính mình và báo cho { $name }: từng ở chợ cùng lúc với người bệnh, nguy cơ { $level }.

stay-case = Lan quét mã của chợ. Thiết bị niêm phong lượt đến bằng cả hai khóa: của chợ và của cơ quan y tế.
stay-overlap = Bình quét mã ở đầu kia của chợ, cách Lan 300 m, ngoài tầm sóng.
stay-later = An quét mã, một giờ sau khi Lan đã về.

stay-card = Cụ Sáu không có điện thoại: thẻ giấy của cụ được quét ở cửa chợ.
stay-pass = Thẻ của Dũng được quét ở đó. Thẻ chỉ cho biết hôm nay đã cấp một thẻ, ngoài ra không cho biết gì.
stay-card-later = Thẻ giấy của Bà Tư Hậu được quét, một giờ sau khi Lan đã về.

scene-cafe = Lan và Minh ngồi cùng một bàn ở quán cà phê, cách nhau 0,8 m. Mai ngồi sau một bức tường, cách 15 m.
scene-passing = Tuấn đi ngang bên ngoài, cách 6 m, trong một phút.
scene-cafe-goes-on = Tuấn đã đi. Lan và Minh ngồi thêm 19 phút.
scene-afternoon = Lan thăm Hoa trong 40 phút. Minh gặp An, người chưa từng gặp Lan.

level-none = không có
level-low = thấp
level-high = cao

table-what = Mục
table-expected = Mong đợi
table-found = Thực tế
table-verdict = Đúng
table-yes = đúng
table-no = SAI

row-person = { $name }
row-published = Công bố của { $name }
row-look-alikes = Lượt gửi ngụy trang
row-batches = Chữ ký của các đợt
row-identifiers = Mã định danh trên sóng
row-declared = Tờ khai mà cán bộ đọc
row-called = Cán bộ cần gọi ai
row-secrets = Bí mật ở cơ quan y tế
row-remains = Còn sót lại

found-told = được báo: nguy cơ { $level }
found-told-nothing = không được báo gì
found-published = công bố { $published } khoảng, loại ra { $left }, nhận được { $received }
expected-look-alikes = từ mọi thiết bị; máy chủ đếm bằng đúng số đó
found-look-alikes = gửi { $sent } (mỗi máy ít nhất { $least }), đếm được { $answered }
expected-batches = tất cả hợp lệ
found-batches = { $verified } hợp lệ, { $failed } không hợp lệ
expected-identifiers = ít nhất { $least }, không mã nào quá { $minutes } phút
found-identifiers = { $count }, lâu nhất { $minutes } phút
expected-secrets = 0 trong { $searched } (mã định danh, mã xác nhận, lượt đến, khóa, tờ khai, thẻ)
found-secrets = { $found } trong { $searched }
expected-remains = không có gì

keep-title = Mọi thứ tiếp tục chạy, nay theo thời gian thật, trong { $folder }. Hãy thử ở một cửa sổ dòng lệnh khác:
keep-told = Minh được báo điều gì:
keep-warned = Bình được báo gì về lượt đến chợ:
keep-passed = Dũng được báo gì về thẻ đã quét ở cửa chợ:
keep-pass = Thẻ mà Dũng đưa ra:
keep-status = Thiết bị của Lan có hoạt động không:
keep-history = Thiết bị của Hoa lưu bao nhiêu (không bao giờ lưu đã gặp ai):
keep-authority = Cơ quan y tế đếm được gì, và một mã xác nhận mới:
keep-report = Với mã đó, công bố với tư cách An:
keep-staff = Trang của cán bộ; đăng nhập bằng { $login }, mật khẩu “{ $password }”:
keep-venue = Trang của chợ; đăng nhập bằng { $login }, mật khẩu “{ $password }”:
keep-poster = Áp phích của chợ, dạng hình ảnh:
keep-card = Thẻ giấy của Cụ Sáu, dạng ảnh:
keep-checkin = Trang ghi nhận lượt đến mà mã trên áp phích mở ra:
keep-open = Mở trong trình duyệt:
keep-end = Nhấn Ctrl-C tại đây để dừng mọi thứ và xóa thư mục.
