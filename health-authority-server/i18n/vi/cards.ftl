# Thẻ giấy cho người không có thiết bị, và khóa của thẻ.

help-card-key = Khóa của thẻ giấy, mỗi quý một khóa
help-card-key-new = Tạo khóa cho quý này và những quý tới; cần khóa gốc
help-card-key-list = Hiện những quý có khóa, và máy này có làm được thẻ bằng khóa đó không
help-card-key-destroy = Hủy khóa của một quý: không bao giờ đọc lại được số điện thoại, và trạm cửa từ chối thẻ của quý đó; cần khóa gốc
help-card-key-quarters = Cho bao nhiêu quý, tính cả quý này
help-card-key-quarter = Quý, ví dụ 2026-Q4
card-keys-made = Đã có khóa thẻ giấy đến quý { $quarter }; số khóa mới: { $count }
card-keys-none = Chưa có khóa cho thẻ giấy; hãy tạo bằng lệnh card-key new.
card-key-row = { $quarter }: thẻ dùng được muộn nhất đến ngày { $day }; số cán bộ mở được: { $officers }
card-key-row-makes = { $quarter }: thẻ dùng được muộn nhất đến ngày { $day }; số cán bộ mở được: { $officers }; máy này làm được thẻ
card-key-row-destroyed = { $quarter }: không còn cán bộ nào mở được thẻ của quý này; hãy tạo lại khóa bằng lệnh card-key new
card-key-destroy-sure = Hủy khóa của quý { $quarter }? Sau đó không ai đọc được số điện thoại trên thẻ của quý đó, và trạm cửa từ chối các thẻ đó. [c/K]
card-key-destroyed = Đã hủy khóa của quý { $quarter }. Trạm cửa từ chối thẻ của quý đó ngay khi tải lại danh sách khóa.
error-card-no-officers = chưa có cán bộ nào đọc cho toàn cơ quan (nhóm 0), mà chỉ những cán bộ đó mở được thẻ giấy; hãy thêm bằng lệnh officer add
error-card-keys = không tạo được khóa của thẻ giấy: { $reason }
error-card-key-ids = đã dùng hết số hiệu khóa của thẻ giấy, hoặc tệp last-card-key bị hỏng
error-card-quarter-form = không phải là một quý; hãy viết như 2026-Q4
error-card-quarter-none = không có khóa của quý { $quarter }
intake-row-card = Ở CỬA CÙNG LÚC VỚI CA BỆNH, thẻ giấy, trước hết hãy hỏi có đến đó không: { $name }, { $phone }; { $venue }, từ { $from } đến { $until }, đi cùng { $companions } người
intake-row-single-card = Ở CỬA CÙNG LÚC VỚI CA BỆNH, thẻ giấy dùng một lần, trước hết hãy hỏi có đến đó không: { $name }, { $phone }; { $venue }, từ { $from } đến { $until }, đi cùng { $companions } người
intake-kind-card = ở cửa cùng lúc với ca bệnh, thẻ giấy
intake-kind-single-card = ở cửa cùng lúc với ca bệnh, thẻ giấy dùng một lần
