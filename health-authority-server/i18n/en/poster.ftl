# Posters at the door
paper-headline = Scan when you arrive
paper-step-camera = Open your camera or the Vung Xanh program
paper-step-scan = Scan this code and tap the link that appears
paper-step-press = Press the button. When you leave, press “{ checkin-out }”.
paper-step-camera-short = Open your phone's camera
paper-step-scan-short = Scan the code, tap the link
paper-step-press-short = Press the button on arrival and on leaving
paper-privacy = If you forget to check out, your visit ends after { $stay }. It is sealed and stays on your own device. Nobody receives your name, your phone number or where you are. If it later turns out that someone with the disease was here at the same time, your device tells you.
paper-privacy-short = Your visit stays on your device and is not sent to anyone.
paper-shares-in-advance = This place has handed over its shares of the keys in advance: the health authority can send warnings without asking again.
paper-shares-in-advance-short = Its shares of the keys have been handed to the health authority in advance.
paper-valid = Valid through { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
paper-number = Poster { $number }
paper-stay = { $hours ->
    [0] { $minutes } minutes
    [1] { $minutes ->
        [0] 1 hour
       *[other] 1 hour { $minutes } minutes
    }
   *[other] { $minutes ->
        [0] { $hours } hours
       *[other] { $hours } hours { $minutes } minutes
    }
}
