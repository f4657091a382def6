# Các lệnh làm việc với tệp: keys, match.

help-export-files = Các tệp khóa, hoặc thư mục chứa các tệp *.zip
help-public-key = Các khóa công khai của cơ quan y tế (P-256): PEM, dù quanh nó có chữ gì, hoặc Base64; thử mọi khóa trong tệp, và có thể dùng tùy chọn này nhiều lần
help-sightings = Các lần ghi nhận: CSV với dòng đầu time,identifier,metadata,rssi (giây Unix, hệ 16, hệ 16, dBm)
help-clock-tolerance = Số khoảng 10 phút mà đồng hồ có thể lệch nhau (mặc định: theo cấu hình, hoặc 12)
help-config = Tài liệu của cơ quan y tế với các tham số (mặc định: 12 khoảng, GAEN thường, mô hình nguy cơ ENX)
help-unverified = Không kiểm tra chữ ký; kết quả sẽ nói rõ điều đó

note = { $text }

files-none = { $folder }: không có tệp *.zip nào trong thư mục này. Hãy chỉ ra chính các tệp khóa hoặc thư mục khác.
files-unreadable = { $file }: không đọc được ({ $detail }). Hãy kiểm tra tên tệp và quyền truy cập.
files-too-large = { $file }: lớn hơn mức cho phép { $limit } byte. Có đúng tệp không?

export-not-an-export = { $file }: không phải tệp khóa. Tệp không phải zip và cũng không bắt đầu bằng "EK Export v1".
export-no-entry = { $file }: không phải tệp khóa. Trong zip không có mục export.bin.
export-duplicate-entry = { $file }: bị từ chối, trong zip có nhiều mục tên { $entry }.
export-wrong-header = { $file }: sai phần đầu. export.bin bắt đầu bằng "{ $found }" thay vì "EK Export v1    ".
export-damaged = { $file }: bị hỏng ({ $detail }). Hãy tải lại.
export-unsupported-zip = { $file }: tệp zip dùng thứ mà tệp khóa không dùng ({ $detail }).
export-too-large = { $file }: bị từ chối, vượt mức cho phép ({ $what }: { $limit } { $unit }).
export-impossible-chunk = { $file }: tự nhận là phần { $num } trên { $size }, điều không thể có.
export-not-signed = { $file }: không được ký.
export-signature-count = { $file }: có { $signatures } chữ ký, nhưng phần đầu nêu { $infos }.
export-other-chunk = { $file }: chữ ký dành cho phần { $num } trên { $size }, không phải phần này.
export-unknown-algorithm = { $file }: không biết thuật toán chữ ký "{ $algorithm }". Chương trình chỉ biết 1.2.840.10045.4.3.2 (ECDSA với SHA-256) và 1.2.840.10045.4.3.4 (với SHA-512).
export-unknown-key = { $file }: được ký bằng khóa { $signer }, không phải khóa công khai đã cho.
export-bad-signature = { $file }: chữ ký sai. Tệp đã bị sửa hoặc do người khác ký; hãy kiểm tra khóa công khai có đúng của cơ quan này không.
export-changed = { $file }: tệp thay đổi trong lúc đọc. Hãy thử lại.
export-invalid-public-key = { $file }: không có khóa công khai P-256 ({ $detail }). Khóa có dạng PEM, bắt đầu bằng "BEGIN PUBLIC KEY", hoặc chỉ là phần Base64 của nó.
export-other-error = { $file }: { $detail }
export-extra-entry = { $file }: bỏ qua mục thừa "{ $entry }" trong zip.
export-info-differs = { $file }: export.sig nêu khóa khác với export.bin.
export-chunk-unsaid = { $file }: export.sig không nói dành cho phần nào.
export-invalid-keys = { $file }: bỏ qua { $count } khóa hỏng, khóa đầu tiên vì { $detail }.
export-incomplete = Thiếu phần: đợt của vùng { $region } từ { $start } đến { $end } (giây Unix) có { $size } tệp; thiếu: { $missing }.

key-length = nó có { $bytes } byte thay vì 16
key-period = chu kỳ { $period } nằm ngoài 1 đến 144
key-start = nó không có khoảng bắt đầu hợp lệ
key-report-type = không rõ loại báo cáo { $number }
key-malformed = không đọc được

keys-file = Tệp
keys-region = Vùng
keys-window = Thời gian
keys-chunk = Phần
keys-keys = Khóa
keys-revised = Sửa đổi
keys-signer = Người ký
keys-verdict = Chữ ký
keys-verdict-right = đúng
keys-verdict-failed = SAI
keys-verdict-unsigned = không được ký
keys-verdict-unasked = không kiểm tra
keys-total = { $files } tệp, { $keys } khóa, { $failed } tệp không đọc được
keys-total-verified = { $files } tệp: { $verified } đúng, { $failed } sai; { $keys } khóa trong các tệp đúng
keys-unreadable = { $failed } tệp không đọc được; lý do ở trên.
keys-not-verified = { $failed } tệp không qua kiểm tra; lý do ở trên.
keys-incomplete = { $count } đợt thiếu tệp. Hãy lấy các phần còn thiếu rồi kiểm tra lại.

sightings-empty = { $file }: không có lần ghi nhận nào. Dòng đầu phải là time,identifier,metadata,rssi và mỗi dòng sau là một lần ghi nhận.
sightings-header = { $file }: dòng đầu là "{ $found }", nhưng phải là time,identifier,metadata,rssi (giây Unix, 32 chữ số hệ 16, 8 chữ số hệ 16, dBm). Hãy chuyển đổi tệp.
sightings-too-many = { $file }: nhiều hơn { $limit } dòng. Hãy chia tệp ra.
sightings-damaged-row = Bỏ qua dòng { $line }: { $reason }.
sightings-damaged-more = Bỏ qua thêm { $count } dòng hỏng; --json liệt kê tất cả.
row-columns = không đủ 4 cột
row-time = thời gian không phải giây Unix
row-identifier = mã định danh không phải 32 chữ số hệ 16
row-metadata = siêu dữ liệu không phải 8 chữ số hệ 16
row-rssi = cường độ tín hiệu không nằm trong -127 đến 20 dBm

match-config = { $file }: không phải tài liệu dùng được của cơ quan y tế ({ $detail }).
match-incomplete = { $count } đợt thiếu tệp. Thiếu chúng có thể bỏ sót phơi nhiễm: hãy lấy các phần còn thiếu, hoặc dùng --unverified.
match-unverified = CHƯA KIỂM TRA: không ai bảo đảm cho các khóa này.
match-altered = Bỏ { $count } lần ghi nhận: mã định danh thuộc về một khóa, nhưng siêu dữ liệu đã bị sửa.
match-future = Bỏ qua { $count } khóa: chúng bắt đầu trong tương lai. Đồng hồ máy này có đúng không?
match-summary = { $keys } khóa trong { $files } tệp, { $sightings } lần ghi nhận (bỏ qua { $damaged } dòng hỏng, { $altered } lần bị sửa): { $matched-keys } khóa khớp với { $matched-sightings } lần ghi nhận.
match-time = Thời gian
match-key = Khóa
match-interval = Khoảng
match-power = Công suất phát
match-rssi = Nhận được
match-loss = Suy hao
match-windows = Các khoảng phơi nhiễm
match-start = Bắt đầu
match-duration = Thời lượng
match-scans = Số lần quét
match-nearest = Suy hao nhỏ nhất
match-days = Tổng hợp theo ngày (ngày UTC, điểm tính bằng phút có trọng số)
match-no-days = Không ngày nào có điểm.
match-day = Ngày
match-score = Điểm
match-longest = Khoảng cao nhất
match-level = Mức
match-more = ... và { $count } mục nữa; --json liệt kê tất cả.
