# Warnings, on the check-in page and on the page of declarations. Ids for their scripts begin with page-warned-.

warned-title = You were at a place where someone had the disease
warned-go-on = Try again
warned-set-aside-title = Warnings set aside
warned-set-aside-text = The health authority does not learn that you set this aside. If someone else may have used your pass, tell the health authority.
page-warned-overlap = { $day }, { $from } to { $until } ({ $minutes } min)
page-warned-level-none = Risk below what is reported
page-warned-level-low = Low risk
page-warned-level-high = High risk
page-warned-by-pass = By the scanned pass of: { $list }
page-warned-was-not-there = I was not there
page-warned-set-aside = { $venue }, { $day }: you said that you were not there, so this warning does not count.
page-warned-was-there = I was there
page-warned-warnings-checking = Looking for warnings …
page-warned-warnings-found = Warnings checked at { $time }.
page-warned-warnings-refused = Files that could not be read: { $count }. They are tried again next time.
page-warned-warnings-left = Files not read yet: { $count }.
page-warned-warnings-offline = Not all new warnings were looked at: the health authority cannot be reached.
page-warned-warnings-failed = Warnings could not be checked: { $reason }
