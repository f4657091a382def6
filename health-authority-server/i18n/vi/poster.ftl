# Áp phích treo ở cửa
paper-headline = Quét mã khi đến
paper-step-camera = Mở máy ảnh hoặc chương trình Vùng Xanh
paper-step-scan = Quét mã này rồi chạm vào đường dẫn hiện ra
paper-step-press = Bấm nút khi đến. Khi về, bấm “{ checkin-out }”.
paper-step-camera-short = Mở máy ảnh điện thoại
paper-step-scan-short = Quét mã, chạm vào đường dẫn
paper-step-press-short = Bấm nút khi đến và khi về
paper-privacy = Nếu quên bấm khi về, lượt đến tự kết thúc sau { $stay }. Lượt đến được niêm phong và chỉ nằm trong máy của bạn. Không ai nhận được tên, số điện thoại hay nơi bạn đến. Nếu sau này biết có người bệnh ở đây cùng lúc với bạn, máy của bạn sẽ báo.
paper-privacy-short = Lượt đến chỉ nằm trong máy của bạn, không gửi cho ai.
paper-shares-in-advance = Nơi này đã trao trước phần khóa của mình: cơ quan y tế có thể phát cảnh báo mà không cần hỏi lại.
paper-shares-in-advance-short = Đã trao trước phần khóa cho cơ quan y tế.
paper-valid = Có giá trị đến hết ngày { $day }/{ $month }/{ $year }
paper-number = Áp phích số { $number }
paper-stay = { $hours ->
    [0] { $minutes } phút
   *[other] { $minutes ->
        [0] { $hours } giờ
       *[other] { $hours } giờ { $minutes } phút
    }
}
