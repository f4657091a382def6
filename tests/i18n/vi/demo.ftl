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
step-batch = Một lô khóa có chữ ký xuất hiện: { $file }
step-told = Thiết bị của { $name } tự phát hiện và báo cho { $name }: có phơi nhiễm, nguy cơ { $level }.
step-everyone-looked = Khóa cuối cùng của Lan cũng đã công khai, và mọi thiết bị đã so khớp cả { $count } lô.
step-look-alikes = Đến nay các thiết bị đã gửi { $count } lượt ngụy trang, để lượt của Lan không nổi bật.
step-verified = Ai cũng có thể kiểm tra các lô: { $files } chữ ký hợp lệ ({ $keys } khóa, phần lớn là khóa đệm).

step-market = { $market } đăng ký qua điện thoại, tự tạo khóa, được cán bộ duyệt rồi treo mã QR ở cửa.
step-shares = Lan cho biết một lượt đến chợ từ nhật ký riêng. Cơ quan y tế yêu cầu chợ, và chợ trao phần khóa của { $hours } giờ.
step-told-of-visit = Thiết bị của { $name } mở được cảnh báo bằng lượt đến đã niêm phong của chính mình và báo cho { $name }: từng ở chợ cùng lúc với người bệnh, nguy cơ { $level }.

stay-case = Lan quét mã của chợ. Thiết bị niêm phong lượt đến bằng cả hai khóa: của chợ và của cơ quan y tế.
stay-overlap = Bình quét mã ở đầu kia của chợ, cách Lan 300 m, ngoài tầm sóng.
stay-later = An quét mã, một giờ sau khi Lan đã về.

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
row-batches = Chữ ký của các lô
row-identifiers = Mã định danh trên sóng
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
expected-secrets = 0 trong { $searched } (mã định danh, mã xác nhận, lượt đến, khóa của chợ)
found-secrets = { $found } trong { $searched }
expected-remains = không có gì

keep-title = Mọi thứ tiếp tục chạy, nay theo thời gian thật, trong { $folder }. Hãy thử ở một cửa sổ dòng lệnh khác:
keep-told = Minh được báo điều gì:
keep-warned = Bình được báo gì về lượt đến chợ:
keep-status = Thiết bị của Lan có hoạt động không:
keep-history = Thiết bị của Hoa lưu bao nhiêu (không bao giờ lưu đã gặp ai):
keep-authority = Cơ quan y tế đếm được gì, và một mã xác nhận mới:
keep-report = Với mã đó, công bố với tư cách An:
keep-staff = Trang của cán bộ; đăng nhập bằng { $login }, mật khẩu “{ $password }”:
keep-venue = Trang của chợ; đăng nhập bằng { $login }, mật khẩu “{ $password }”:
keep-poster = Áp phích của chợ, dạng hình ảnh:
keep-checkin = Trang ghi nhận lượt đến mà mã trên áp phích mở ra:
keep-open = Mở trong trình duyệt:
keep-end = Nhấn Ctrl-C tại đây để dừng mọi thứ và xóa thư mục.
