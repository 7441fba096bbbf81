TIMEOUT = "5"
EDITOR = "1" == "1"  # x
if not "" == "1":
    f.write("editor 0\n")
