about = Truy vết tiếp xúc: báo cho bạn biết khi bạn bị phơi nhiễm, và không báo cho ai biết bạn đã gặp ai

help-profile = Thư mục hồ sơ (mặc định: thư mục dữ liệu của người dùng)
help-lang = Ngôn ngữ hiển thị
help-json = In kết quả dạng JSON ra đầu ra chuẩn
help-detail = Hiện cả chi tiết kỹ thuật
help-enroll = Chọn cơ quan y tế mà thiết bị này nhận cảnh báo
help-run = Chạy dịch vụ nền: trao đổi mã định danh và tìm phơi nhiễm
help-status = Cho biết việc truy vết có hoạt động không
help-history = Cho biết mỗi ngày lưu bao nhiêu (không bao giờ cho biết bạn đã gặp ai)
help-exposures = Cho biết những ngày bạn bị phơi nhiễm và cần làm gì
help-report = Công bố khóa của bạn sau khi xét nghiệm dương tính, bằng mã xác nhận
help-export = Ghi dữ liệu của bạn ra một tệp được niêm phong bằng cụm mật khẩu
help-import = Đọc lại dữ liệu của bạn từ một tệp như vậy
help-forget = Xóa hẳn những gì thiết bị này đã lưu
help-keys = Xem các tệp khóa của cơ quan y tế
help-keys-show = Cho biết tệp khóa chứa gì, bất kể ai ký
help-keys-verify = Kiểm tra chữ ký của các tệp khóa
help-match = So khớp các lần ghi nhận với tệp khóa
help-air = Mô phỏng sóng giữa các thiết bị trên máy này, để thử khi không có Bluetooth
help-air-socket = Socket Unix để lắng nghe; thiết bị chọn bằng air:SOCKET#TÊN
help-air-seed = Số khởi đầu cho mọi lựa chọn ngẫu nhiên của mô phỏng

air-ready = Sóng mô phỏng đang lắng nghe tại { $socket }. Các thiết bị trên máy này phát hiện được nhau khi chọn sóng air:{ $socket }#TÊN, mỗi thiết bị một TÊN khác nhau. Nhấn Ctrl-C để dừng.
failure-air = Không khởi động được sóng mô phỏng: { $detail }

failure-not-running = Dịch vụ nền không chạy: không có trả lời tại { $socket }. Hãy chạy "vungxanh run".
failure-other-user = Hồ sơ { $profile } là của người dùng { $owner }, chỉ người đó mới mở được. Để dùng hồ sơ của bạn, hãy bỏ --profile hoặc chỉ ra thư mục khác.
failure-control = Không đọc được câu trả lời của dịch vụ nền: { $detail }
failure-runtime = Chương trình không khởi động được: { $detail }

# Trao đổi với cơ quan y tế
failure-not-enrolled = Chưa chọn cơ quan y tế. Hãy chọn bằng "vungxanh enroll ĐỊA_CHỈ".
failure-other-authority = Đã có một cơ quan y tế khác được chọn. Để thay thế, hãy thêm --replace. ({ $detail })
failure-wrong-fingerprint = Đây không phải cơ quan có dấu vân tay mà bạn đã nhập: đừng dùng, hãy hỏi lại cơ quan về dấu vân tay của họ. ({ $detail })
failure-bad-url = Không dùng được địa chỉ này: { $detail }
failure-unreachable = Không kết nối được với máy chủ của cơ quan y tế. Hãy kiểm tra mạng rồi chạy lại đúng lệnh này; không có gì bị mất. ({ $detail })
failure-authority-answer = Máy chủ của cơ quan y tế trả lời nhưng không dùng được câu trả lời. Hãy thử lại sau. ({ $detail })
failure-authority-document = Tài liệu của cơ quan y tế không được chấp nhận. Hãy thử lại sau hoặc hỏi cơ quan. ({ $detail })
failure-store-sync = Không đọc hoặc ghi được hồ sơ. ({ $detail })
failure-profile-locked = Một chương trình khác đang dùng hồ sơ này. Hãy dừng nó, hoặc chạy dịch vụ nền bằng "vungxanh run". ({ $detail })
failure-code-malformed = Đây không phải mã xác nhận: mã gồm 8 chữ số, hoặc 16 chữ cái và chữ số. Hãy kiểm tra lại rồi thử lại; chưa gửi gì đi.
failure-code-unknown = Không có mã xác nhận này. Hãy kiểm tra các chữ số rồi thử lại.
failure-code-expired = Mã xác nhận đã hết hạn. Hãy xin mã mới.
failure-code-used = Mã xác nhận đã được dùng hoặc không hợp lệ. Hãy xin mã mới.
failure-code-not-published = Mã xác nhận này thuộc về một kết quả không được công bố.
failure-code-too-many = Thử quá nhiều lần. Hãy chờ vài phút rồi chạy lại đúng lệnh này.
failure-nothing-to-publish = Không có gì để công bố: không còn khóa nào được lưu, hoặc mọi khoảng thời gian đều bị loại ra.
failure-publication-refused = Máy chủ của cơ quan y tế từ chối các khóa. Hãy xin cơ quan y tế mã mới. ({ $detail })

# enroll
help-enroll-url = Địa chỉ của cơ quan y tế, tốt nhất kèm dấu vân tay: https://HOST#sha256=DẤU_VÂN_TAY
help-enroll-replace = Thay thế cơ quan y tế khác đã được chọn
enroll-compare =
    Máy chủ này tự nhận là của: { $name }
    Dấu vân tay: { $fingerprint }
    Hãy so với dấu vân tay mà cơ quan y tế cung cấp trên giấy, qua điện thoại hoặc trên trang web của họ.
enroll-same = Có giống nhau không? [c/K]
enroll-replace = Đã có một cơ quan y tế khác được chọn. Thay bằng { $name }? [c/K]
enrolled =
    Đã chọn: { $name }
    Dấu vân tay: { $fingerprint }
failure-bad-fingerprint = Phần sau dấu # phải là sha256= và 64 chữ số thập lục phân. Hãy chép lại địa chỉ từ nơi bạn nhận được.
failure-fingerprint-needed = Dấu vân tay của cơ quan y tế là { $fingerprint }. Hãy so với dấu vân tay mà cơ quan cung cấp ở nơi khác, rồi thêm vào địa chỉ: ĐỊA_CHỈ#sha256=DẤU_VÂN_TAY

# report
help-report-code = Mã xác nhận kèm theo kết quả xét nghiệm
help-report-leave-out = Loại ra những gì trùng với ngày hoặc giờ này, ví dụ 01/03/2026, 01/03/2026 14:30 hoặc 14:30 (có thể lặp lại)
help-report-yes = Công bố mà không hỏi
column-number = STT
column-from = Từ
column-to = Đến
column-choice = Lựa chọn
report-left-out = loại ra
report-choose = Các số muốn loại ra, ví dụ 2 5-7 (Enter: không loại thêm):
report-confirm = Công bố khóa của bạn? Số khoảng thời gian công bố: { $published }. Loại ra: { $left_out }. Việc này không thể hoàn tác. [c/K]
report-sending = Đang gửi; có thể mất đến một phút ...
reported =
    Đã công bố: { $published } khoảng thời gian. Đã loại ra: { $left_out }.
    Người khác sẽ được cảnh báo từ khoảng { $expected }. Cảm ơn bạn.
failure-report-needs-yes = Không thể hỏi xác nhận ở đây. Để công bố mà không hỏi, hãy thêm --yes.
failure-bad-leave-out = "{ $text }" không phải là ngày (01/03/2026 hoặc 2026-03-01), cũng không phải giờ (14:30, 01/03/2026 14:30).
failure-leave-out-nothing = Không khoảng thời gian nào của bạn trùng với { $date }; chưa công bố gì. Hãy kiểm tra lại ngày, hoặc bỏ tùy chọn này.
failure-bad-number = "{ $text }" không phải là số trong bảng. Chưa công bố gì.

help-yes = Không hỏi lại
help-run-radio = Bộ phát sóng sẽ dùng: bluez (mặc định), bluez:hci1, bluez:ĐỊA-CHỈ, hoặc air:SOCKET#TÊN (mô phỏng)
help-forget-day = Chỉ xóa ngày này, ví dụ 01/03/2026 hoặc 2026-03-01
help-forget-all = Xóa tất cả, trừ việc đăng ký với cơ quan y tế
help-export-file = Tệp sẽ ghi; chưa được tồn tại
help-import-file = Tệp sẽ đọc
help-passphrase-file = Đọc cụm mật khẩu từ tệp này

none = không có
never = chưa bao giờ

level-none = chưa thấy
level-low = thấp
level-high = CAO

radio-ready = sẵn sàng
radio-switched-off = đang tắt
radio-missing = không có

status-tracing = Truy vết đang hoạt động.
status-not-tracing = Truy vết không hoạt động.
status-what = Mục
status-value = Hiện tại
status-authority = Cơ quan y tế
status-radio = Bộ phát sóng
status-last-scan = Lần quét gần nhất
status-heard = Số thiết bị phát hiện được trong lần đó
status-kept = Số lần ghi nhận đang lưu
status-bytes = Số byte trên đĩa
status-last-sync = Lần trao đổi gần nhất với cơ quan y tế
status-batches = Số đợt khóa đã so khớp
status-keys = Số khóa đã so khớp
status-altered = Số lần khớp bị bỏ vì đã bị sửa
status-look-alikes = Số lượt gửi ngụy trang
status-level = Nguy cơ

problem-not-enrolled = Chưa chọn cơ quan y tế. Hãy chọn: vungxanh enroll https://HOST#sha256=DẤU_VÂN_TAY
problem-authority-expired = Tài liệu của cơ quan y tế đã hết hạn và không tải được bản mới. Hãy kiểm tra mạng hoặc hỏi cơ quan y tế.
problem-radio-off = Bộ phát sóng đang tắt. Hãy bật Bluetooth.
problem-radio-missing = Không có bộ phát sóng: { $detail }. Không có nó thì không truy vết được ai. Hãy cắm một bộ Bluetooth, hoặc chạy "vungxanh doctor" để biết còn thiếu gì.
problem-broadcast-failed = Máy của bạn không phát được tín hiệu nên máy khác không ghi nhận được bạn: { $detail }. Chương trình sẽ tự thử lại. Nếu vẫn còn, hãy chạy "vungxanh doctor".
problem-scan-failed = Máy của bạn không phát hiện được các máy khác: { $detail }. Chương trình sẽ tự thử lại. Nếu vẫn còn, hãy chạy "vungxanh doctor".
problem-clock = Đồng hồ của máy không đáng tin cậy ({ $detail }). Các lần ghi nhận vẫn được lưu nhưng chưa được tính, cho đến khi giờ của cơ quan y tế xác nhận đồng hồ. Hãy chỉnh đồng hồ.
problem-store = Không lưu được các lần tiếp xúc: { $detail }
problem-store-damaged = Kho dữ liệu đã bị hỏng: { $detail }
problem-sync = Trao đổi với cơ quan y tế thất bại: { $detail }. Chương trình sẽ tự thử lại.
problem-report-pending = Có một lần công bố chưa xong. Hãy chạy lại "vungxanh report MÃ" với cùng mã: việc sẽ tiếp tục từ chỗ dừng.

history-empty = Chưa lưu gì.
history-day = Ngày
history-scans = Số lần quét có người ở gần
history-bytes = Số byte
history-own-keys = Khóa của mình

exposures-none = Chưa phát hiện phơi nhiễm nào.
exposures-day = Ngày
exposures-level = Nguy cơ
exposures-near = Gần
exposures-medium = Vừa
exposures-far = Xa
exposures-score = Số phút có trọng số
exposures-advice = Việc cần làm: { $advice }

forget-confirm = Những gì đã xóa thì không lấy lại được. Xóa chứ? [c/K]
forget-done-all = Đã xóa: những lần ở gần người khác, khóa của bạn, các phơi nhiễm, các lượt đến và nhật ký. Không ai lấy lại được. Cơ quan y tế đã chọn vẫn giữ nguyên.
forget-done-day = Đã xóa những gì đã lưu của { $day }. Không ai lấy lại được.

export-done = Dữ liệu của bạn nằm trong { $file } ({ $bytes } byte), niêm phong bằng cụm mật khẩu của bạn.
failure-import-cut-short = Tệp chưa được nhận đủ nên chưa nhận gì. Hãy nhập lại.
failure-import-clock = Đồng hồ của máy này không đáng tin nên chưa nhận gì. Hãy chỉnh lại đồng hồ rồi nhập lại.
failure-import-unknown = Tệp có những mục mà chương trình này không biết nên chưa nhận gì. Có thể tệp do bản vungxanh mới hơn ghi, hoặc không phải của bạn.
failure-import-malformed = Tệp có nội dung không thể đúng nên chưa nhận gì ({ $detail }). Hãy dùng bản sao khác.
import-done = Đã nhận thêm. Lần ghi nhận: { $scans }; khóa của mình: { $keys }; khoảng phơi nhiễm: { $windows }; lượt đến có cảnh báo: { $visits }. Khóa lấy từ tệp chỉ dùng để công bố, không được phát. Cơ quan y tế đã chọn không được nhận theo: nếu máy này chưa chọn, hãy chạy "vungxanh enroll".

event-started = Vùng Xanh đang chạy. Socket điều khiển: { $socket }. Bộ phát sóng: { $radio }.
event-tracing = Bắt đầu truy vết.
event-mended = Đã khắc phục: { $what }
event-exposure = Bạn đã bị phơi nhiễm vào ngày { $day }; nguy cơ: { $level }. Xem: vungxanh exposures
event-look-alike = Đã gửi một lượt ngụy trang (để che giấu lượt thật).
event-published = Khóa của bạn trong { $periods } khoảng thời gian đã được công bố.
event-stopped = Vùng Xanh đã dừng.

failure-not-tracing = Xem phía trên để biết cần làm gì.
failure-profile = Không dùng được hồ sơ: { $detail }
failure-profile-of-another = Thư mục { $folder } thuộc về người dùng khác (số { $owner }; chương trình này đang chạy với số { $own }). Hãy chạy bằng tài khoản đó, hoặc chọn thư mục khác bằng --profile. Với root cũng vậy.
failure-not-a-profile = Thư mục { $folder } không trống và cũng không phải hồ sơ của chương trình này: trong đó có { $found }. Chưa có gì bị thay đổi. Hãy chọn thư mục mới hoặc trống bằng --profile.
failure-locked = { $detail }
failure-store = Kho dữ liệu bị lỗi: { $detail }
failure-not-writable = Không được phép ghi vào hồ sơ: { $detail }. Hãy dùng một thư mục của bạn mà ghi được, bằng --profile.
failure-archive = Không ghi hoặc đọc được dữ liệu của bạn: { $detail }
failure-radio = { $detail }
failure-calibration = Không dùng được bảng hiệu chỉnh của máy này: { $detail }
failure-scan-settings = Không dùng được thiết lập sóng: { $detail }. Hãy sửa hoặc xóa tệp đó.
failure-forget-what = Hãy nói rõ cần xóa gì: --day NGÀY hoặc --all.
failure-needs-yes = Lệnh này cần xác nhận mà không thể hỏi ở đây. Hãy thêm --yes.
failure-declined = Không có gì thay đổi.
failure-bad-date = "{ $date }" không phải là ngày. Hãy viết như 01/03/2026 hoặc 2026-03-01.
failure-write-file = Không ghi được { $file }: { $detail }
failure-read-file = Không đọc được { $file }: { $detail }
failure-passphrase-unreadable = Không đọc được cụm mật khẩu: { $detail }
failure-passphrase-missing = Cần cụm mật khẩu. Hãy chạy trong cửa sổ dòng lệnh, hoặc thêm --passphrase-file TỆP.
failure-passphrase = Không dùng được cụm mật khẩu này: { $detail }
failure-passphrase-short = Cụm mật khẩu quá ngắn: hãy dùng ít nhất { $least } ký tự, tốt hơn là vài từ.
failure-passphrases-differ = Hai cụm mật khẩu khác nhau. Chưa ghi gì.

# nearby
help-nearby = Xem những máy đang phát hiện được ở gần, hiện bằng mã băm ngắn, cập nhật liên tục trên màn hình
help-nearby-once = Chỉ hiện một lần
nearby-last-scan = Lần quét gần nhất: { $time }
nearby-nobody = Không phát hiện máy nào ở gần.
nearby-hash = Thiết bị
nearby-rssi = Tín hiệu (dBm)
nearby-strongest = Mạnh nhất
nearby-attenuation = Suy hao (dB)
nearby-since = Từ lúc
nearby-last = Lần cuối
nearby-note = Các thiết bị đổi mã định danh khoảng 10 phút một lần và khi đó hiện thành thiết bị khác. Tín hiệu mạnh hay yếu cho biết rất ít về khoảng cách.
nearby-note-detail = Các thiết bị đổi mã định danh khoảng 10 phút một lần và khi đó hiện thành thiết bị khác. Mức suy hao được tính như thể chúng phát cùng công suất với máy này. Nó cho biết rất ít về khoảng cách.
status-calibration = Hiệu chỉnh sóng
status-scan-restarts = Số lần khởi động lại việc quét
calibration-known = { $power } dBm, hiệu chỉnh { $correction } dB
calibration-unknown = { $power } dBm, hiệu chỉnh { $correction } dB (chưa đo kiểu máy này: khoảng cách chỉ là phỏng chừng)
problem-scan-stopped = Việc quét đã tự dừng và đang được khởi động lại. Nếu vẫn còn, hãy chạy "vungxanh doctor".

# doctor
help-doctor = Kiểm tra việc truy vết có chạy được trên máy này không, và cách sửa những gì chưa được
help-doctor-radio = Bộ phát sóng cần xem, viết như ở run. Mặc định: bộ mà dịch vụ nền đang dùng, nếu không thì bộ mà dịch vụ nền sẽ dùng
doctor-good = [ tốt] { $text }
doctor-weak = [ yếu] { $text }
doctor-bad = [HỎNG] { $text }
doctor-clock = Đồng hồ chỉ { $detail }.
doctor-clock-wrong = Đồng hồ chỉ { $detail }, tức là trong quá khứ. Hãy chỉnh lại: timedatectl set-ntp true
doctor-calibration = Sóng của kiểu máy này đã được hiệu chỉnh: { $detail }
doctor-calibration-unknown = Kiểu máy này chưa được hiệu chỉnh: khoảng cách chỉ là phỏng chừng, và máy khác được cho biết điều đó. Nếu có số đo, hãy viết tệp calibration.toml (kiểu máy -> tệp: { $detail })
doctor-calibration-wrong = { $detail }. Hãy sửa hoặc xóa tệp đó.
doctor-scan-settings = Thời gian nghe / khoảng cách giữa hai lần quét: { $detail }
doctor-scan-settings-wrong = { $detail }. Hãy sửa hoặc xóa tệp đó.
doctor-simulated = Bộ phát sóng là mô phỏng ({ $detail }): không phát hiện được ai ngoài máy này nên không truy vết được ai. Hãy chạy dịch vụ nền với bộ Bluetooth: vungxanh run --radio bluez
doctor-no-bus = { $detail }. Hãy cài và khởi động dbus.
doctor-no-bluez = { $detail }. Hãy cài BlueZ và khởi động: systemctl enable --now bluetooth
doctor-denied = { $detail }. Hãy đăng nhập tại máy này, hoặc cài tệp chính sách của chương trình (docs/operations.md).
doctor-bluez-fails = { $detail }. Hãy khởi động lại: systemctl restart bluetooth
doctor-bluez-version = BlueZ { $detail }
doctor-bluez-version-unknown = Không biết phiên bản BlueZ (chưa cài bluetoothctl).
doctor-adapter = Bộ Bluetooth { $detail }
doctor-no-adapter = Không có bộ Bluetooth nào cho { $detail }. Hãy cắm một bộ, chọn bộ khác bằng --radio, hoặc nạp trình điều khiển (dmesg | grep -i bluetooth).
doctor-another-radio = Đây không phải bộ phát sóng mà dịch vụ nền đang dùng, tức là { $detail }. Để xem bộ đó: vungxanh doctor, không có --radio và VUNGXANH_RADIO
doctor-adapter-off = Bluetooth của { $detail } đang tắt. Hãy bật: busctl set-property org.bluez /org/bluez/{ $name } org.bluez.Adapter1 Powered b true (nếu không được: rfkill unblock bluetooth)
doctor-cannot-advertise = { $detail } không phát quảng bá được (cần Bluetooth 4.0 trở lên có LE, hoặc chương trình khác đã dùng hết chỗ). Hãy dùng bộ khác.
doctor-no-slot = Các chương trình khác đã dùng hết số quảng bá mà bộ Bluetooth phát được ({ $detail }), không còn chỗ cho chương trình này. Hãy tắt bớt một chương trình. BlueZ không cho biết đó là những chương trình nào: "bluetoothctl show" cho biết số lượng, "busctl --system list" liệt kê các chương trình trên bus hệ thống (bluetoothctl với "advertise on", môi trường máy tính có chức năng chia sẻ). Hoặc dùng bộ khác.
doctor-advertising = Quảng bá: { $detail }
doctor-legacy-advertising = { $detail } không có quảng bá mở rộng (Bluetooth 5): quảng bá của mọi chương trình luân phiên nhau trên một địa chỉ. Khi chương trình khác cũng phát, mã định danh có thể hiện trong chốc lát dưới địa chỉ của lượt trước, nhờ đó có thể nối các mã với nhau. Đừng để chương trình khác phát; bộ Bluetooth 5 làm tốt hơn.
doctor-public-address = Máy khác đang tìm thấy được bộ Bluetooth này: quảng bá sẽ cho phép kết nối và có thể để lộ địa chỉ của chính nó ({ $detail }), có thể bị lần theo, nên chương trình không phát gì. Hãy tắt chế độ cho tìm thấy: busctl set-property org.bluez /org/bluez/{ $name } org.bluez.Adapter1 Discoverable b false
doctor-left-connectable = Máy khác không tìm thấy nhưng vẫn kết nối được với bộ Bluetooth này, vì BlueZ để nguyên như vậy khi hết thời gian cho tìm thấy: quảng bá có thể để lộ địa chỉ của chính nó ({ $detail }), có thể bị lần theo, nên chương trình không phát gì. Hãy bật chế độ cho tìm thấy thêm một lần rồi tắt: busctl set-property org.bluez /org/bluez/{ $name } org.bluez.Adapter1 Discoverable b true, sau đó chạy lại với false
doctor-fresh-address = Quảng bá mang địa chỉ mới mà không ai nhận ra được. Nếu chương trình nào làm cho máy bị tìm thấy hoặc cho phép kết nối, quảng bá sẽ để lộ địa chỉ của chính bộ Bluetooth ({ $detail }).
doctor-privacy-extended = Privacy đang bật trong /etc/bluetooth/main.conf: quảng bá có địa chỉ mới mỗi lần, nhưng thiết bị đã ghép đôi với { $detail } nhận ra được mọi địa chỉ. Hãy đặt Privacy = off trong tệp đó, rồi: systemctl restart bluetooth. Đừng bật chế độ cho tìm thấy.
doctor-privacy-legacy = Privacy đang bật trong /etc/bluetooth/main.conf và { $detail } không có quảng bá mở rộng: nhân hệ điều hành giữ một địa chỉ suốt 15 phút, còn mã định danh đổi khoảng 10 phút một lần, nên một địa chỉ nối hai mã với nhau. Thiết bị đã ghép đôi nhận ra được mọi địa chỉ. Hãy đặt Privacy = off trong tệp đó, rồi: systemctl restart bluetooth. Đừng bật chế độ cho tìm thấy.
doctor-duplicate-filter = { $detail }: Linux cho phép bộ Bluetooth chỉ báo mỗi thiết bị một lần trong một lần quét, nên khoảng cách có thể chỉ dựa trên một số đo. Có bộ theo dõi quảng bá (advertisement monitor) thì sẽ báo thường xuyên hơn, nhưng BlueZ ở đây không cung cấp.
doctor-duplicate-filter-monitors = { $name }: Linux cho phép bộ Bluetooth chỉ báo mỗi thiết bị một lần trong một lần quét, nên khoảng cách có thể chỉ dựa trên một số đo, trừ khi có chương trình dùng bộ theo dõi quảng bá (advertisement monitor). BlueZ ở đây có cung cấp ({ $detail }); chương trình này không dùng.
doctor-daemon = Dịch vụ nền đang chạy và truy vết bằng { $detail }.
doctor-daemon-stopped = Dịch vụ nền không chạy. Hãy khởi động: systemctl --user start vungxanh (hoặc: vungxanh run)
doctor-daemon-not-tracing = Dịch vụ nền đang chạy với { $detail }, nhưng hiện nay những gì phát hiện được không được tính. Xem: vungxanh status
