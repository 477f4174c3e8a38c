"""Makes many small mails, the same ones each time: many_mails.py DIR COUNT."""

import os
import random
import sys

WORDS = "会議 資料 送付 確認 お願い 市役所 総務課 予算 報告 日程 report budget meeting attached please review".split()


def main(root, count):
    rng = random.Random(7)
    for number in range(count):
        folder = os.path.join(root, f"{number // 1000:03}")
        os.makedirs(folder, exist_ok=True)
        lines = [" ".join(rng.choices(WORDS, k=12)) for _ in range(rng.randint(8, 60))]
        head = [
            f"From: a{number}@example.com",
            "To: b@example.jp",
            f"Subject: test {number}",
            "Date: Tue, 24 Nov 2026 10:00:00 +0900",
            f"Message-ID: <{number}@example.com>",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
            "",
        ]
        with open(os.path.join(folder, f"{number:06}.eml"), "wb") as file:
            file.write("\r\n".join(head + lines + [""]).encode())


main(sys.argv[1], int(sys.argv[2]))
