from custier.cli import main

main()
