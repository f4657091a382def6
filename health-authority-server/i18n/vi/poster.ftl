# Áp phích treo ở cửa
paper-headline = Quét mã khi đến
paper-how = Mở máy ảnh của điện thoại, đưa vào mã rồi chạm vào đường dẫn hiện ra; hoặc quét bằng chương trình Vùng Xanh (vungxanh checkin).
paper-leave = Khi về, hãy mở lại trang và bấm “{ checkin-out }”; nếu quên, lượt đến tự kết thúc sau { $stay }.
paper-privacy = Lượt đến chỉ nằm trong máy của bạn và được niêm phong. Không ai nhận được tên, số điện thoại hay nơi bạn đến. Nếu sau này biết có người bệnh ở đây cùng lúc với bạn, máy của bạn sẽ báo cho bạn.
paper-short = Quét bằng máy ảnh điện thoại. Lượt đến chỉ nằm trong máy của bạn, không gửi cho ai.
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
