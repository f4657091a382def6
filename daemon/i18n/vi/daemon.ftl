about = Truy vết tiếp xúc: báo cho bạn biết khi bạn bị phơi nhiễm, và không báo cho ai biết bạn đã gặp ai

help-profile = Thư mục hồ sơ (mặc định: thư mục dữ liệu của người dùng)
help-lang = Ngôn ngữ hiển thị
help-json = In kết quả dạng JSON ra đầu ra chuẩn
help-enroll = Chọn cơ quan y tế mà thiết bị này nhận cảnh báo
help-run = Chạy dịch vụ nền: trao đổi mã định danh và tìm phơi nhiễm
help-status = Cho biết việc truy vết có hoạt động không
help-history = Cho biết mỗi ngày lưu bao nhiêu (không bao giờ cho biết bạn đã gặp ai)
help-exposures = Cho biết những ngày bạn bị phơi nhiễm và cần làm gì
help-report = Công bố khóa của bạn sau xét nghiệm dương tính, bằng mã xác nhận
help-export = Ghi dữ liệu của bạn ra tệp niêm phong bằng cụm mật khẩu
help-import = Đọc dữ liệu của bạn từ tệp như vậy
help-forget = Hủy những gì thiết bị này đã lưu
help-keys = Xem các tệp khóa của cơ quan y tế
help-keys-show = Cho biết tệp khóa chứa gì, bất kể ai ký
help-keys-verify = Kiểm tra chữ ký của các tệp khóa
help-match = So khớp các lần ghi nhận với tệp khóa
help-air = Mô phỏng sóng giữa các thiết bị trên máy này, để thử khi không có Bluetooth
help-air-socket = Socket Unix để lắng nghe; thiết bị chọn bằng air:SOCKET#TÊN
help-air-seed = Số dùng để sinh mọi ngẫu nhiên của mô phỏng

air-ready = Sóng mô phỏng đang lắng nghe tại { $socket }. Các thiết bị trên máy này nghe được nhau khi chọn sóng air:{ $socket }#TÊN, mỗi thiết bị một TÊN khác nhau. Nhấn Ctrl-C để dừng.
failure-air = Không khởi động được sóng mô phỏng: { $detail }

failure-not-running = Dịch vụ nền không chạy: không ai trả lời tại { $socket }. Hãy chạy "vungxanh run".
failure-control = Không đọc được câu trả lời của dịch vụ nền: { $detail }
failure-runtime = Chương trình không khởi động được: { $detail }

# Trao đổi với cơ quan y tế
failure-not-enrolled = Chưa chọn cơ quan y tế. Hãy chọn bằng "vungxanh enroll URL".
failure-other-authority = Đã có một cơ quan y tế khác được chọn. Để thay thế, hãy thêm --replace. ({ $detail })
failure-wrong-fingerprint = Đây không phải cơ quan có dấu vân tay mà bạn đã nhập: đừng dùng, hãy hỏi lại cơ quan về dấu vân tay của họ. ({ $detail })
failure-bad-url = Không dùng được địa chỉ này: { $detail }
failure-unreachable = Không kết nối được với máy chủ của cơ quan y tế. Hãy kiểm tra mạng rồi chạy lại đúng lệnh này; không có gì bị mất. ({ $detail })
failure-authority-answer = Máy chủ của cơ quan y tế trả lời không dùng được. Hãy thử lại sau. ({ $detail })
failure-authority-document = Tài liệu của cơ quan y tế không được chấp nhận. Hãy thử lại sau hoặc hỏi cơ quan. ({ $detail })
failure-store-sync = Không đọc hoặc ghi được hồ sơ. ({ $detail })
failure-profile-locked = Một chương trình khác đang dùng hồ sơ này. Hãy dừng nó, hoặc chạy dịch vụ nền bằng "vungxanh run". ({ $detail })
failure-code-unknown = Không có mã xác nhận này. Hãy kiểm tra các chữ số rồi thử lại.
failure-code-expired = Mã xác nhận đã hết hạn. Hãy xin mã mới.
failure-code-used = Mã xác nhận đã được dùng hoặc không hợp lệ. Hãy xin mã mới.
failure-code-not-published = Mã xác nhận này thuộc về một kết quả không được công bố.
failure-code-too-many = Thử quá nhiều lần. Hãy chờ vài phút rồi chạy lại đúng lệnh này.
failure-nothing-to-publish = Không có gì để công bố: không còn khóa nào được lưu, hoặc mọi khoảng thời gian đều bị bỏ ra.
failure-publication-refused = Máy chủ của cơ quan y tế từ chối các khóa. Hãy xin cơ quan y tế mã mới. ({ $detail })
